#include "nodes/console/times.hpp"

#include <cstdio>

namespace tickerflow::console {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string instant_text(std::chrono::system_clock::time_point x) {
  return instant_text(
      duration_cast<milliseconds>(x.time_since_epoch()).count());
}

std::string instant_text(std::int64_t unix_ms) {
  auto result = format_rfc3339(timestamp{seconds{unix_ms / 1000}});
  char fraction[8];
  std::snprintf(fraction, sizeof fraction, ".%03dZ",
                static_cast<int>(unix_ms % 1000));
  result.pop_back();
  return result + fraction;
}

std::string duration_words(std::int64_t s) {
  auto count = [](std::int64_t n, const char* unit) {
    return std::to_string(n) + ' ' + unit + (n == 1 ? "" : "s");
  };
  if (s < 120)
    return count(s, "second");
  if (s < 2 * 3600)
    return count(s / 60, "minute");
  if (s < 48 * 3600)
    return count(s / 3600, "hour");
  return count(s / 86400, "day");
}

timestamp next_new_york_midnight(timestamp now) {
  // A day is 23 to 25 hours: noon tomorrow is always tomorrow.
  constexpr auto zone = "America/New_York";
  auto today = format_wall_time(now, zone).substr(0, 10);
  for (auto hours = 1; hours <= 26; ++hours) {
    auto day =
        format_wall_time(now + std::chrono::hours{hours}, zone).substr(0, 10);
    if (day != today)
      return parse_wall_time(day, zone).value_or(now);
  }
  return now;
}

} // namespace tickerflow::console
