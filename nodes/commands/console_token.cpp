#include "nodes/commands/console_token.hpp"

#include <filesystem>
#include <fstream>

namespace tickerflow {

namespace {

namespace fs = std::filesystem;

/// @returns the first line, or nothing if it is empty or cannot be read
std::string first_line_of(const fs::path& path) {
  std::ifstream file{path};
  std::string result;
  std::getline(file, result);
  result.erase(result.find_last_not_of(" \t\r") + 1);
  return result;
}

bool is_here(const std::string& url) {
  auto start = url.find("://");
  if (start == std::string::npos)
    return false;
  auto rest = url.substr(start + 3);
  for (std::string host : {"127.0.0.1", "localhost", "[::1]"})
    // Not 127.0.0.1.example, which is somebody else.
    if (rest.compare(0, host.size(), host) == 0
        && (rest.size() == host.size() || rest[host.size()] == ':'
            || rest[host.size()] == '/'))
      return true;
  return false;
}

fs::file_time_type last_run(const std::string& folder) {
  std::error_code error;
  auto result =
      fs::last_write_time(fs::path{folder} / "logs/master.log", error);
  return error ? fs::file_time_type::min() : result;
}

} // namespace

std::vector<std::string> kept_folders(const std::string& data_dir) {
  // The launcher has one for each of its verbs.
  std::vector<std::string> launched{data_dir + "/demo", data_dir + "/run"};
  if (last_run(launched[1]) > last_run(launched[0]))
    std::swap(launched[0], launched[1]);
  launched.push_back(data_dir);
  return launched;
}

std::variant<std::string, api_failure> console_token_of(const settings& x) {
  auto& console = x.console;
  if (!console.token.empty())
    return console.token;
  if (!console.token_file.empty()) {
    auto token = first_line_of(console.token_file);
    if (token.empty())
      return api_failure{"cannot read a token from the file \""
                             + console.token_file
                             + "\" (console_token_file): check that it exists, "
                               "is not empty, and that this user may read it",
                         exit_usage};
    return token;
  }
  // To another machine goes only what was given for it.
  if (is_here(console.url))
    for (auto& folder : kept_folders(x.data_dir))
      if (auto token = first_line_of(fs::path{folder} / "console.token");
          !token.empty())
        return token;
  return std::string{};
}

} // namespace tickerflow
