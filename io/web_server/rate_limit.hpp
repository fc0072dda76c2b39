#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <unordered_map>

namespace tickerflow {

/// Token buckets by name, e.g. of an address. Not thread-safe.
///
/// Units   a bucket holds `burst` at most and gets `per_s` a second
/// Bounds  `most` names: then full buckets are forgotten, and if there are
///         none, names that are not known share one bucket
class rate_limit {
public:
  using time = std::chrono::steady_clock::time_point;

  rate_limit(double per_s, double burst, std::size_t most = 4096)
      : per_s_(per_s), burst_(burst), most_(most) {}

  /// Takes one if there is one.
  bool admit(const std::string& who, time now);

  /// @returns whether `admit` would give one
  bool allows(const std::string& who, time now);

private:
  struct bucket {
    double left = 0;
    time at;
  };

  bucket& find(const std::string& who, time now);
  void forget_full(time now);
  double left_in(const bucket& x, time now) const;

  double per_s_;
  double burst_;
  std::size_t most_;
  std::unordered_map<std::string, bucket> buckets_;
};

} // namespace tickerflow
