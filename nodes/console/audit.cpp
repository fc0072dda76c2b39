#include "nodes/console/audit.hpp"

#include "nodes/console/times.hpp"

#include <spdlog/spdlog.h>

namespace tickerflow::console {

namespace {

constexpr std::size_t most_lines = 1000;

/// As a value between quotation marks in a log line.
std::string quoted(std::string x) {
  for (auto& c : x)
    if (c == '"' || c == '\\')
      c = '\'';
  return x;
}

} // namespace

void audit::note(const std::string& role, const std::string& address,
                 const std::string& action, const std::string& result) {
  spdlog::info("event=audit role={} who={} action=\"{}\" result=\"{}\"", role,
               address, quoted(action), quoted(result));
  std::lock_guard guard{mutex_};
  lines_.push_front({instant_text(std::chrono::system_clock::now()), role,
                     address, action, result});
  if (lines_.size() > most_lines)
    lines_.pop_back();
}

json audit::lines(std::size_t limit) const {
  auto result = json::array();
  std::lock_guard guard{mutex_};
  for (auto& x : lines_) {
    if (result.size() >= limit)
      break;
    result.push_back({{"at", x.at},
                      {"role", x.role},
                      {"who", x.who},
                      {"action", x.action},
                      {"result", x.result}});
  }
  return result;
}

} // namespace tickerflow::console
