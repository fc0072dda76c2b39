#pragma once

#include "market/bar.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace tickerflow::sim {

/// A bar without symbol and interval: a recording has a quarter million.
///
/// Units   UTC seconds; 1/10'000 of the quote currency; shares.
struct plain_bar {
  timestamp start{};
  std::int64_t open_e4 = 0;
  std::int64_t high_e4 = 0;
  std::int64_t low_e4 = 0;
  std::int64_t close_e4 = 0;
  std::int64_t volume_shares = 0;
};

/// Bars of one symbol and width, oldest first.
using bar_series = std::vector<plain_bar>;

/// Makes wider bars from 1-minute bars. They sit on multiples of their width
/// since midnight UTC, which up to an hour is the exchange's clock too: the
/// 60-minute bar of 09:00 mixes pre-market and the first half hour.
/// @pre `width` divides an hour
bar_series aggregate(const bar_series& minutes, std::chrono::minutes width);

/// @returns the bar with an interval and a symbol
bar complete(const plain_bar& x, const std::string& symbol,
             std::chrono::minutes interval);

/// @returns the wider bar that a minute falls into
timestamp floor_to(timestamp t, std::chrono::minutes width);

} // namespace tickerflow::sim
