#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace tickerflow {

/// Waits that double from the first to the longest, each shortened at random
/// by up to a quarter, so that many who wait for one server do not come back
/// at once.
class backoff {
public:
  using duration = std::chrono::milliseconds;

  backoff(duration first, duration longest, std::uint64_t seed)
      : first_(first), longest_(longest), random_(seed) {
    // nop
  }

  /// @returns the next wait
  duration next() {
    auto whole =
        std::min(first_ * (std::int64_t{1} << std::min(tries_, 20)), longest_);
    ++tries_;
    std::uniform_int_distribution<std::int64_t> cut{0, whole.count() / 4};
    return whole - duration{cut(random_)};
  }

  /// After a success: the next wait is the first again.
  void reset() { tries_ = 0; }

  int tries() const { return tries_; }

private:
  duration first_;
  duration longest_;
  std::mt19937_64 random_;
  int tries_ = 0;
};

} // namespace tickerflow
