#include "io/simulator/plain_bar.hpp"

#include <algorithm>

namespace tickerflow::sim {

timestamp floor_to(timestamp t, std::chrono::minutes width) {
  return t - t.time_since_epoch() % std::chrono::seconds(width);
}

bar_series aggregate(const bar_series& minutes, std::chrono::minutes width) {
  if (width == std::chrono::minutes(1))
    return minutes;
  bar_series result;
  for (auto& x : minutes) {
    auto start = floor_to(x.start, width);
    if (result.empty() || result.back().start != start) {
      result.push_back(x);
      result.back().start = start;
      continue;
    }
    auto& y = result.back();
    y.high_e4 = std::max(y.high_e4, x.high_e4);
    y.low_e4 = std::min(y.low_e4, x.low_e4);
    y.close_e4 = x.close_e4;
    y.volume_shares += x.volume_shares;
  }
  return result;
}

bar complete(const plain_bar& x, const std::string& symbol,
             std::chrono::minutes interval) {
  return {symbol,    interval, x.start,    x.open_e4,
          x.high_e4, x.low_e4, x.close_e4, x.volume_shares};
}

} // namespace tickerflow::sim
