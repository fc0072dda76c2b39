#include "actors/source_clock.hpp"

#include <algorithm>

namespace tickerflow {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The Date header has whole seconds and servers differ by some: a rate is
// measured over this much, and only a clear one counts.
constexpr seconds rate_span{10};
constexpr seconds rate_lead{30};
constexpr double clearly_faster = 1.5;

} // namespace

void source_clock::observe(local_time local, timestamp source) {
  if (!known_) {
    rate_local_ = local;
    rate_source_ = source;
  }
  known_ = true;
  local_ = local;
  source_ = source;
  std::chrono::duration<double> ours = local - rate_local_;
  std::chrono::duration<double> theirs = source - rate_source_;
  if (ours.count() <= 0 || (ours < rate_span && theirs - ours < rate_lead))
    return;
  auto rate = theirs / ours;
  rate_ = rate > clearly_faster ? rate : 1;
  measured_ = true;
  rate_local_ = local;
  rate_source_ = source;
}

timestamp source_clock::now(local_time local) const {
  std::chrono::duration<double> passed = (local - local_) * rate_;
  return source_ + std::chrono::duration_cast<seconds>(passed);
}

milliseconds source_clock::until(timestamp t, local_time local) const {
  std::chrono::duration<double> left = (t - source_) / rate_;
  auto wait = left - std::chrono::duration<double>(local - local_);
  auto result = std::chrono::duration_cast<milliseconds>(wait);
  return std::max(result, milliseconds{0});
}

timestamp bar_schedule::next_final(timestamp now) const {
  // The first bar that is not final yet.
  auto start = [this](timestamp t) {
    return t - t.time_since_epoch() % interval;
  };
  auto first = start(now - settle);
  auto date = std::chrono::floor<date::days>(first) - date::days{1};
  // Today or a later day; a session of New York can end on UTC's next date.
  for (auto day = days.next_on_or_after(date); day;
       day = days.next_on_or_after(day->date + date::days{1})) {
    auto from = extended_hours ? day->pre_open : day->open;
    auto to = extended_hours ? day->post_close : day->close;
    auto bar_start = std::max(first, from);
    if (bar_start < to)
      return std::max(bar_start + interval + settle, now);
  }
  return now + interval;
}

bool bar_schedule::trades_between(timestamp from, timestamp to) const {
  auto date = std::chrono::floor<date::days>(from) - date::days{1};
  for (auto day = days.next_on_or_after(date); day;
       day = days.next_on_or_after(day->date + date::days{1})) {
    auto start = extended_hours ? day->pre_open : day->open;
    auto end = extended_hours ? day->post_close : day->close;
    if (start >= to)
      return false;
    if (std::max(start, from) < std::min(end, to))
      return true;
  }
  return false;
}

} // namespace tickerflow
