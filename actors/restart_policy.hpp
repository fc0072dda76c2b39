#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace tickerflow {

/// How often an actor that fails is started again, and how soon.
struct restart_limits {
  size_t restarts = 5;                      // at most so many ...
  std::chrono::milliseconds within{60'000}; // ... in any span of this length
  std::chrono::milliseconds first{100};     // wait, doubled with each
  std::chrono::milliseconds longest{10'000};
};

/// Counts the failures of one actor and of those that took its place.
class restart_policy {
public:
  using time = std::chrono::steady_clock::time_point;

  restart_policy() = default;

  explicit restart_policy(restart_limits x) : limits_(x) {
    // nop
  }

  /// Notes a failure.
  /// @returns the wait before the next start; nothing: it fails too often
  std::optional<std::chrono::milliseconds> failed(time now) {
    while (!recent_.empty() && now - recent_.front() >= limits_.within)
      recent_.pop_front();
    if (recent_.size() >= limits_.restarts)
      return std::nullopt;
    auto doubled = std::min<size_t>(recent_.size(), 20);
    recent_.push_back(now);
    return std::min(limits_.first * (std::int64_t{1} << doubled),
                    limits_.longest);
  }

  /// @returns failures in the last span
  size_t recent() const { return recent_.size(); }

private:
  restart_limits limits_;
  std::deque<time> recent_;
};

} // namespace tickerflow
