#include "nodes/console/tokens.hpp"

#include "nodes/console/sessions.hpp"

#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace tickerflow::console {

namespace {

constexpr std::size_t shortest = 16;
constexpr std::size_t longest = 256;

bool is_token(const std::string& x) {
  for (unsigned char c : x)
    if (c <= 0x20 || c >= 0x7f)
      return false;
  return x.size() >= shortest && x.size() <= longest;
}

} // namespace

caf::expected<std::string> read_token(const std::string& path) {
  std::ifstream file{path};
  if (!file)
    return failure(errc::bad_setting, "cannot read the console's token file "
                                          + path + ": " + std::strerror(errno));
  std::string result;
  std::getline(file, result);
  while (!result.empty() && (result.back() == '\r' || result.back() == ' '))
    result.pop_back();
  if (!is_token(result))
    return failure(errc::bad_setting,
                   "the console's token file " + path
                       + " has to begin with a line of 16 to 256 letters "
                         "without blanks (\"openssl rand -hex 24\" makes one)");
  struct stat facts {};
  if (::stat(path.c_str(), &facts) == 0 && (facts.st_mode & 007) != 0)
    spdlog::warn("event=console_token_readable file={} hint=\"everybody on "
                 "this machine can read it: chmod 600\"",
                 path);
  return result;
}

caf::expected<console_token> keep_token(const std::string& path) {
  console_token result;
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path{path}.parent_path(),
                                      ignored);
  auto file =
      ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0 && errno == EEXIST) {
    // Whoever makes it at this moment needs an instant to write it.
    for (int i = 0; i < 50 && std::filesystem::file_size(path, ignored) == 0;
         ++i)
      ::usleep(10'000);
    auto text = read_token(path);
    if (!text)
      return std::move(text.error());
    result.text = std::move(*text);
    result.file = path;
    return result;
  }
  result.text = random_text(32);
  result.is_new = true;
  if (file < 0) {
    spdlog::warn("event=console_token_not_kept file={} reason=\"{}\"", path,
                 std::strerror(errno));
    return result;
  }
  auto line = result.text + '\n';
  if (::write(file, line.data(), line.size())
      == static_cast<ssize_t>(line.size()))
    result.file = path;
  ::close(file);
  return result;
}

} // namespace tickerflow::console
