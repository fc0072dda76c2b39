#include "nodes/commands/console_token.hpp"
#include "nodes/support/bundle.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace tickerflow {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t longest_end = 256 * 1024; // bytes of each log

/// The last whole lines of a file.
std::string end_of(const fs::path& path) {
  std::ifstream file{path, std::ios::binary | std::ios::ate};
  auto size = static_cast<std::int64_t>(file.tellg());
  if (size <= 0)
    return {};
  auto wanted = std::min(size, longest_end);
  std::string result(static_cast<std::size_t>(wanted), '\0');
  file.seekg(size - wanted);
  file.read(result.data(), wanted);
  result.resize(static_cast<std::size_t>(file.gcount()));
  if (wanted < size)
    result.erase(0, result.find('\n') + 1);
  return result;
}

} // namespace

void collect_logs(bundle& to, const settings& x) {
  auto found = false;
  for (auto& folder : kept_folders(x.data_dir)) {
    std::error_code ignored;
    std::vector<fs::path> paths;
    for (auto& file :
         fs::directory_iterator{fs::path{folder} / "logs", ignored})
      if (file.path().extension() == ".log")
        paths.push_back(file.path());
    std::sort(paths.begin(), paths.end());
    // "logs/demo/worker-1.log"
    auto below = fs::path{"logs"} / fs::relative(folder, x.data_dir, ignored);
    for (auto& path : paths)
      to.add((below / path.filename()).lexically_normal().string(),
             "end of this log file", end_of(path));
    found = found || !paths.empty();
  }
  if (!found)
    to.add_missing("logs", "log files of this machine",
                   "there are none in " + x.data_dir
                       + " (only \"tickerflow run\" and \"demo\" write there; "
                         "services: journalctl -u 'tickerflow-*')");
}

} // namespace tickerflow
