#include "io/archive/tar_gz.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

namespace tickerflow {

namespace {

struct closes_archive {
  void operator()(archive* x) const { ::archive_write_free(x); }
};

struct closes_reader {
  void operator()(archive* x) const { ::archive_read_free(x); }
};

struct frees_entry {
  void operator()(archive_entry* x) const { ::archive_entry_free(x); }
};

std::string text_of_fault(archive* x) {
  auto text = ::archive_error_string(x);
  return text == nullptr ? "unknown error" : text;
}

std::string write_all(int file, const std::vector<archive_file>& files,
                      std::int64_t now_s) {
  std::unique_ptr<archive, closes_archive> out{::archive_write_new()};
  ::archive_write_add_filter_gzip(out.get());
  ::archive_write_set_format_pax_restricted(out.get());
  if (::archive_write_open_fd(out.get(), file) != ARCHIVE_OK)
    return text_of_fault(out.get());
  std::unique_ptr<archive_entry, frees_entry> entry{::archive_entry_new()};
  for (auto& x : files) {
    ::archive_entry_clear(entry.get());
    ::archive_entry_set_pathname(entry.get(), x.name.c_str());
    ::archive_entry_set_filetype(entry.get(), AE_IFREG);
    ::archive_entry_set_perm(entry.get(), 0600);
    ::archive_entry_set_mtime(entry.get(), now_s, 0);
    ::archive_entry_set_size(entry.get(),
                             static_cast<std::int64_t>(x.content.size()));
    if (::archive_write_header(out.get(), entry.get()) != ARCHIVE_OK
        || ::archive_write_data(out.get(), x.content.data(), x.content.size())
               != static_cast<la_ssize_t>(x.content.size()))
      return text_of_fault(out.get());
  }
  return ::archive_write_close(out.get()) == ARCHIVE_OK
             ? ""
             : text_of_fault(out.get());
}

} // namespace

std::string write_tar_gz(const std::string& path,
                         const std::vector<archive_file>& files,
                         std::int64_t now_s) {
  // Beside it first, so that a full disk leaves no half of an archive.
  auto part = path + ".part";
  ::unlink(part.c_str()); // of a run that was cut off
  auto file =
      ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0)
    return "cannot write " + part + ": " + std::strerror(errno);
  auto fault = write_all(file, files, now_s);
  if (::close(file) != 0 && fault.empty())
    fault = std::strerror(errno);
  if (fault.empty() && std::rename(part.c_str(), path.c_str()) != 0)
    fault = std::strerror(errno);
  if (fault.empty())
    return {};
  ::unlink(part.c_str());
  return "cannot write " + path + ": " + fault;
}

std::vector<archive_file> read_tar_gz(const std::string& path) {
  std::vector<archive_file> result;
  std::unique_ptr<archive, closes_reader> in{::archive_read_new()};
  ::archive_read_support_filter_gzip(in.get());
  ::archive_read_support_format_tar(in.get());
  if (::archive_read_open_filename(in.get(), path.c_str(), 65536) != ARCHIVE_OK)
    return result;
  archive_entry* entry = nullptr;
  while (::archive_read_next_header(in.get(), &entry) == ARCHIVE_OK) {
    archive_file file{::archive_entry_pathname(entry), {}};
    char buffer[65536];
    for (la_ssize_t got = 0;
         (got = ::archive_read_data(in.get(), buffer, sizeof(buffer))) > 0;)
      file.content.append(buffer, static_cast<std::size_t>(got));
    result.push_back(std::move(file));
  }
  return result;
}

std::string archive_library() { return ::archive_version_string(); }

} // namespace tickerflow
