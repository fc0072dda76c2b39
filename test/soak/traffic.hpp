#pragma once

#include "market/bar.hpp"
#include "market/calendar.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace tickerflow::soak {

/// A record for the raw topic, and what has to become of it.
struct raw_event {
  std::string key;
  bool has_key = true;
  std::string value;
  /// Empty: the record holds a bar that is to be stored. Otherwise the reason
  /// of its dead letter.
  std::string reason;
  bar content; // valid if there is no reason
};

struct traffic_options {
  std::uint64_t seed = 1;
  std::int32_t tickers = 40;
  std::int32_t shards = 8;
};

/// Raw events as the worst of sources gives them: bars of real trading days,
/// among them corrections, doubles, late bars, days that come late, the
/// earlier pipeline's form and garbage of every kind.
///
/// Shape   an endless sequence, the same for the same options
class traffic {
public:
  explicit traffic(const traffic_options& x);

  raw_event next();

  /// As many in each shard as in every other.
  const std::vector<std::string>& symbols() const { return symbols_; }

private:
  struct late_bar {
    bar value;
    std::uint64_t due; // events from the start
  };

  bool chance(std::uint64_t in_10000) { return draw(10'000) < in_10000; }
  std::uint64_t draw(std::uint64_t below) { return random_() % below; }
  bar live_bar();
  bar walk(size_t ticker, timestamp start);
  bar known_bar();
  bar corrected(bar x);
  void remember(const bar& x);
  raw_event event_of(const bar& x);
  raw_event garbage();
  std::string ours(const bar& x) const;

  traffic_options options_;
  std::mt19937_64 random_;
  std::vector<std::string> symbols_;
  std::vector<std::int64_t> prices_e4_;
  const trading_day* day_;
  timestamp minute_;
  size_t ticker_ = 0;
  std::uint64_t made_ = 0;
  std::deque<late_bar> late_;
  /// Whole days of a ticker that come days later, bar by bar.
  std::set<std::pair<size_t, date::sys_days>> held_days_;
  std::map<std::pair<size_t, date::sys_days>, std::deque<bar>> held_bars_;
  std::deque<bar> released_;
  std::vector<bar> recent_; // ring
  std::vector<bar> old_;    // ring of a sample
  size_t recent_at_ = 0;
  size_t old_at_ = 0;
};

} // namespace tickerflow::soak
