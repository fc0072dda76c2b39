#pragma once

#include "market/bar.hpp"

#include <map>

namespace tickerflow {

/// The bars that a fetcher has published, so that the next poll publishes only
/// what is new or changed.
class seen_bars {
public:
  /// @returns the revision to publish the bar with, -1 if it is known as it is
  std::int32_t revision_of(const bar& x) const {
    auto known = bars_.find(x.start);
    if (known == bars_.end())
      return 0;
    return same_values(known->second.value, x) ? -1
                                               : known->second.revision + 1;
  }

  void add(const bar& x, std::int32_t revision) {
    bars_[x.start] = {x, revision};
    // A full answer holds a month of 16-hour days; older ones are compared by
    // the aggregator.
    while (bars_.size() > most)
      bars_.erase(bars_.begin());
  }

  /// @returns the newest bar's end; the epoch's start if there is none
  timestamp newest_end() const {
    return bars_.empty() ? timestamp{} : bars_.rbegin()->second.value.end();
  }

private:
  static constexpr size_t most = 2000;

  struct entry {
    bar value;
    std::int32_t revision = 0;
  };

  std::map<timestamp, entry> bars_;
};

} // namespace tickerflow
