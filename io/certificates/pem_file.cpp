#include "io/certificates/pem_file.hpp"

#include "messages/errc.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace tickerflow {

namespace {

constexpr size_t most_bytes = 1024 * 1024; // a system's whole bundle has 220 kB

class descriptor {
public:
  explicit descriptor(int number) : number_(number) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }

  int get() const { return number_; }

private:
  int number_;
};

caf::error cannot_write(const std::string& path) {
  return failure(errc::unavailable,
                 "cannot write " + path + ": " + std::strerror(errno));
}

bool write_all(int to, const std::string& text) {
  size_t done = 0;
  while (done < text.size()) {
    auto n = ::write(to, text.data() + done, text.size() - done);
    if (n < 0)
      return false;
    done += static_cast<size_t>(n);
  }
  return ::fsync(to) == 0;
}

} // namespace

caf::expected<std::string> read_pem_file(const std::string& path) {
  auto refuse = [](const std::string& cause) {
    return failure(errc::bad_setting, cause);
  };
  descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat facts {};
  if (file.get() < 0 || ::fstat(file.get(), &facts) != 0)
    return refuse(std::string{"cannot be read: "} + std::strerror(errno));
  if (S_ISDIR(facts.st_mode))
    return refuse("is a folder, not a file");
  std::string result;
  char buffer[4096];
  for (;;) {
    auto n = ::read(file.get(), buffer, sizeof buffer);
    if (n < 0)
      return refuse(std::string{"cannot be read: "} + std::strerror(errno));
    if (n == 0)
      return result;
    result.append(buffer, static_cast<size_t>(n));
    if (result.size() > most_bytes)
      return refuse("is larger than any PEM file of this kind");
  }
}

caf::error write_pem_file(const std::string& path, const std::string& text,
                          readable_by who, bool replace) {
  auto temporary = path + ".XXXXXX";
  // Its mode is 0600 from the first moment on.
  descriptor file{::mkostemp(temporary.data(), O_CLOEXEC)};
  if (file.get() < 0)
    return cannot_write(path);
  caf::error result;
  if (!write_all(file.get(), text)
      || ::fchmod(file.get(), static_cast<mode_t>(who)) != 0)
    result = cannot_write(path);
  else if (replace && ::rename(temporary.c_str(), path.c_str()) != 0)
    result = cannot_write(path);
  else if (!replace && ::link(temporary.c_str(), path.c_str()) != 0)
    result = errno == EEXIST
                 ? failure(errc::bad_request, path + " is there already")
                 : cannot_write(path);
  ::unlink(temporary.c_str()); // is gone already if it was renamed
  return result;
}

} // namespace tickerflow
