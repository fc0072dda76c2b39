#include "io/simulator/call_limits.hpp"

#include "io/simulator/texts.hpp"

namespace tickerflow::sim {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

minutes minute_of(call_limits::wall_time t) {
  return std::chrono::floor<minutes>(t.time_since_epoch());
}

date::sys_days day_of(call_limits::wall_time t) {
  return exchange_date(std::chrono::floor<seconds>(t));
}

} // namespace

void call_limits::roll(entry& x, wall_time now) {
  if (auto minute = minute_of(now); minute != x.minute) {
    x.minute = minute;
    x.counts.this_minute = 0;
  }
  if (auto day = day_of(now); day != x.day) {
    x.day = day;
    x.counts.today = 0;
  }
}

call_verdict call_limits::count(const std::string& key, wall_time now) {
  std::lock_guard guard{mutex_};
  auto shared = entries_.size() >= most_keys && entries_.count(key) == 0;
  auto& x = entries_[shared ? std::string{"(others)"} : key];
  auto since_last = now - x.last;
  roll(x, now);
  x.last = now;
  ++x.counts.calls;
  ++x.counts.this_minute;
  ++x.counts.today;
  auto verdict = call_verdict::granted;
  if (options_.per_day > 0 && x.counts.today > options_.per_day)
    verdict = call_verdict::per_day;
  else if (options_.per_minute > 0
           && x.counts.this_minute > options_.per_minute)
    verdict = call_verdict::per_minute;
  else if (options_.one_per_second && since_last < seconds(1))
    verdict = call_verdict::burst;
  if (verdict != call_verdict::granted)
    ++x.counts.refused;
  return verdict;
}

std::vector<call_counts> call_limits::all(wall_time now) const {
  std::lock_guard guard{mutex_};
  std::vector<call_counts> result;
  for (auto [key, x] : entries_) {
    roll(x, now);
    result.push_back(x.counts);
    result.back().key = key;
  }
  return result;
}

call_counts call_limits::of(const std::string& key, wall_time now) const {
  std::lock_guard guard{mutex_};
  auto i = entries_.find(key);
  auto x = i == entries_.end() ? entry{} : i->second;
  roll(x, now);
  x.counts.key = key;
  return x.counts;
}

} // namespace tickerflow::sim
