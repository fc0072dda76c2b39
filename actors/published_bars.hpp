#pragma once

#include "market/bar.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace tickerflow {

/// What one fetcher has published of late, so that polling the same bars again
/// publishes nothing.
class published_bars {
public:
  struct change {
    bar value;
    std::int32_t revision = 0;
  };
  using changes = std::vector<change>;

  /// @returns the bars that are not known, or known with other values: those
  ///          with the next revision. Nothing is remembered yet.
  changes differences(const std::vector<bar>& bars) const;

  /// The changes are confirmed.
  void remember(const changes& x);

  /// Forgets what starts before `keep_from`, but never the last two days.
  void forget(timestamp keep_from);

  size_t size() const { return bars_.size(); }

private:
  std::map<timestamp, change> bars_;
};

} // namespace tickerflow
