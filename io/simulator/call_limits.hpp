#pragma once

#include "market/bar.hpp"

#include <date/date.h>

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace tickerflow::sim {

struct limit_options {
  int per_minute = 0; // calls of a key; 0 = no limit
  int per_day = 0;    // calls of a key, days of New York; 0 = no limit
  bool one_per_second = false;
};

enum class call_verdict : std::uint8_t { granted, burst, per_minute, per_day };

struct call_counts {
  std::string key;
  std::int64_t calls = 0; // all, refused ones too
  std::int64_t refused = 0;
  int this_minute = 0;
  int today = 0;
};

/// Counts calls of each key in clock minutes and days. Refused calls count
/// too, as they seem to do at the real service.
class call_limits {
public:
  using wall_time = std::chrono::system_clock::time_point;

  explicit call_limits(limit_options options) : options_(options) {}

  call_verdict count(const std::string& key, wall_time now);

  /// @returns the counts as of a time, by key; zeros for an unknown key
  std::vector<call_counts> all(wall_time now) const;
  call_counts of(const std::string& key, wall_time now) const;

  const limit_options& options() const { return options_; }

private:
  struct entry {
    call_counts counts;
    wall_time last{};
    std::chrono::minutes minute{};
    date::sys_days day{};
  };

  static void roll(entry& x, wall_time now);

  // Keys come from outside: more of them share one entry.
  static constexpr size_t most_keys = 10'000;

  limit_options options_;
  mutable std::mutex mutex_;
  std::map<std::string, entry> entries_;
};

} // namespace tickerflow::sim
