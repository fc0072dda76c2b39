#include "io/certificates/certificate_folder.hpp"

#include "messages/errc.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>

namespace tickerflow {

namespace {

constexpr int authority_days = 3650;

bool is_there(const std::string& path) {
  struct stat ignored {};
  return ::lstat(path.c_str(), &ignored) == 0;
}

caf::error make_folder(const std::string& path) {
  std::error_code code;
  auto parent = std::filesystem::path{path}.parent_path();
  if (!parent.empty())
    std::filesystem::create_directories(parent, code);
  // Not by create_directories: nobody else may look into this one.
  if (::mkdir(path.c_str(), 0700) == 0
      || (errno == EEXIST && std::filesystem::is_directory(path, code)))
    return caf::none;
  return failure(
      errc::unavailable,
      "cannot make the folder " + path + ": "
          + (errno == EEXIST ? "a file has this name" : std::strerror(errno)));
}

} // namespace

caf::expected<certificate_folder>
certificate_folder::open(const std::string& path) {
  certificate_folder result;
  result.path_ = path;
  if (auto error = make_folder(path))
    return error;
  auto certificate = result.authority_file();
  auto key = result.authority_key_file();
  result.made_ = !is_there(certificate) && !is_there(key);
  if (result.made_) {
    auto made = make_authority("Tickerflow authority", authority_days);
    if (!made)
      return made.error();
    result.authority_ = std::move(*made);
    // The key first: a certificate without it would look complete.
    if (auto error = write_pem_file(key, result.authority_.key,
                                    readable_by::owner, false))
      return error;
    if (auto error = write_pem_file(certificate, result.authority_.certificate,
                                    readable_by::everybody, false))
      return error;
    return result;
  }
  for (auto [file, text] :
       {std::pair{&certificate, &result.authority_.certificate},
        std::pair{&key, &result.authority_.key}}) {
    auto found = read_pem_file(*file);
    if (!found)
      return failure(errc::bad_setting,
                     *file + ' ' + text_of(found.error())
                         + ": an authority needs both ca.pem and ca-key.pem; "
                           "bring it back, or make a new authority in another "
                           "folder (--out DIR)");
    *text = std::move(*found);
  }
  auto facts = facts_of(result.authority_.certificate);
  if (!facts || !facts->is_authority)
    return failure(errc::bad_setting,
                   certificate
                       + " is no authority's certificate in PEM: use another "
                         "folder (--out DIR)");
  if (facts->ends_s < std::time(nullptr))
    return failure(errc::bad_setting,
                   certificate + " expired on " + date_text(facts->ends_s)
                       + ": make a new authority in another folder (--out "
                         "DIR) and new certificates for all nodes");
  return result;
}

std::string certificate_folder::existing_file(const std::string& name) const {
  for (auto end : {"-key.pem", ".pem"})
    if (auto file = path_ + '/' + name + end; is_there(file))
      return file;
  return {};
}

caf::expected<certificate_files>
certificate_folder::issue(const certificate_request& x, bool replace) const {
  if (!is_node_name(x.name))
    return failure(errc::bad_setting,
                   '"' + x.name + "\" cannot name a node's files");
  if (auto file = existing_file(x.name); !replace && !file.empty())
    return failure(errc::bad_request, file + " is there already");
  auto made = issue_certificate(authority_, x);
  if (!made)
    return made.error();
  certificate_files files;
  files.certificate = path_ + '/' + x.name + ".pem";
  files.key = path_ + '/' + x.name + "-key.pem";
  files.authority = authority_file();
  if (auto error =
          write_pem_file(files.key, made->key, readable_by::owner, replace))
    return error;
  if (auto error = write_pem_file(files.certificate, made->certificate,
                                  readable_by::everybody, replace))
    return error;
  return files;
}

bool is_node_name(const std::string& x) {
  auto ends_like_a_key =
      x.size() >= 4 && x.compare(x.size() - 4, 4, "-key") == 0;
  return !x.empty() && x.size() <= 64 && x != "ca" && !ends_like_a_key
         && std::isalnum(static_cast<unsigned char>(x.front())) != 0
         && std::all_of(x.begin(), x.end(), [](unsigned char c) {
              return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
            });
}

} // namespace tickerflow
