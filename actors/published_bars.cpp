#include "actors/published_bars.hpp"

#include <algorithm>

namespace tickerflow {

published_bars::changes
published_bars::differences(const std::vector<bar>& bars) const {
  changes result;
  for (auto& x : bars) {
    auto old = bars_.find(x.start);
    if (old == bars_.end())
      result.push_back({x, 0});
    else if (!same_values(old->second.value, x))
      result.push_back({x, old->second.revision + 1});
  }
  return result;
}

void published_bars::remember(const changes& x) {
  for (auto& each : x)
    bars_[each.value.start] = each;
}

void published_bars::forget(timestamp keep_from) {
  if (bars_.empty())
    return;
  auto two_days = bars_.rbegin()->first - std::chrono::hours{48};
  bars_.erase(bars_.begin(), bars_.lower_bound(std::min(keep_from, two_days)));
}

} // namespace tickerflow
