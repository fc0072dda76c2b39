#pragma once

#include <string>
#include <vector>

namespace tickerflow::soak {

/// Durations that were measured, in seconds.
class figures {
public:
  void add(double seconds) { values_.push_back(seconds); }

  const std::vector<double>& values() const { return values_; }

  /// @param p 0 to 1; nearest rank
  double percentile(double p) const;

  /// @returns "n 12  p50 1.23  p99 2.34  max 2.40 s"
  std::string text() const;

private:
  std::vector<double> values_;
};

} // namespace tickerflow::soak
