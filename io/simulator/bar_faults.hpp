#pragma once

#include "io/simulator/faults.hpp"
#include "io/simulator/plain_bar.hpp"

#include <optional>

namespace tickerflow::sim {

/// Decides which bars are wrong and how, from the seed alone: the same bar is
/// wrong in the same way in every answer and after a restart.
class bar_faults {
public:
  bar_faults(std::vector<fault_rule> rules, std::uint64_t seed)
      : rules_(std::move(rules)), seed_(seed) {}

  /// @returns what is wrong with a bar; the first rule that meets it
  const fault_rule* fault_of(const std::string& symbol,
                             std::chrono::minutes interval,
                             timestamp start) const;

  /// Makes the bars wrong that are wrong at a time.
  /// @param now of the simulated exchange
  void apply(bar_series& bars, const std::string& symbol,
             std::chrono::minutes interval, timestamp now) const;

private:
  std::vector<fault_rule> rules_;
  std::uint64_t seed_;
};

} // namespace tickerflow::sim
