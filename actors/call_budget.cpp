#include "actors/call_budget.hpp"

#include "market/exchange_time.hpp"

#include <algorithm>

namespace tickerflow {

namespace {

using milliseconds = std::chrono::milliseconds;
using std::chrono::seconds;

const std::string exchange_zone = "America/New_York";

// A call leaves a little later than its slot: the last one of a day must not
// be counted as the next day's by the other side.
constexpr seconds before_midnight{10};

// A waiter that did not come back is gone: it is told to ask within a minute.
constexpr seconds waiter_patience{90};

constexpr milliseconds late_by{1'000}; // see call_budget::spacing
constexpr milliseconds burst_spacing{1'100};

milliseconds spacing_of(const call_limits& x) {
  milliseconds result{0};
  if (x.per_minute > 0) {
    auto whole = milliseconds{60'000} + late_by;
    result = milliseconds{(whole.count() + x.per_minute - 1) / x.per_minute};
  }
  if (x.per_day > 0)
    result = std::max(result, burst_spacing);
  return result;
}

timestamp whole_seconds(budget_time t) {
  return std::chrono::floor<seconds>(t);
}

} // namespace

date::sys_days new_york_day(budget_time t) {
  auto wall = format_wall_time(whole_seconds(t), exchange_zone);
  auto midnight = parse_wall_time(wall.substr(0, 10), "UTC");
  return std::chrono::floor<date::days>(*midnight);
}

budget_time new_york_midnight(date::sys_days day) {
  auto date = format_rfc3339(timestamp{day}).substr(0, 10);
  return *parse_wall_time(date, exchange_zone);
}

call_budget::call_budget(call_limits limits)
    : limits_(limits), spacing_(spacing_of(limits)) {
  // nop
}

void call_budget::restore(const budget_row& x, budget_time now) {
  row_ = x;
  slots_.clear();
  gaps_.clear();
  forget_past(now);
}

call_budget::offer call_budget::wait_until(budget_time t, budget_time now,
                                           std::string reason) const {
  offer result;
  result.slot = std::clamp(t, now + milliseconds{100}, now + horizon);
  result.reason = std::move(reason);
  return result;
}

/// @returns how many were there before; at the end of the line if it is new
std::int64_t call_budget::place_in_line(const std::string& symbol,
                                        budget_time now) {
  line_.remove_if([&](const waiter& x) {
    return x.symbol != symbol && now - x.asked_at > waiter_patience;
  });
  std::int64_t place = 0;
  for (auto& x : line_) {
    if (x.symbol == symbol) {
      x.asked_at = now;
      return place;
    }
    ++place;
  }
  line_.push_back({symbol, now});
  return place;
}

budget_time call_budget::nth_free_slot(std::int64_t n, budget_time now) const {
  auto gap = gaps_.lower_bound(now);
  for (; gap != gaps_.end() && n > 0; ++gap)
    --n;
  if (gap != gaps_.end())
    return *gap;
  return std::max(row_.next_slot_at, now) + n * spacing_;
}

call_budget::offer call_budget::ask(const std::string& symbol,
                                    budget_time now) {
  if (now < closed_until_) {
    // Who waits at a closed gate keeps the place in the line.
    if (limits_.any() && slots_.count(symbol) == 0)
      place_in_line(symbol, now);
    return wait_until(closed_until_, now, closed_reason_);
  }
  offer result;
  result.granted = true;
  result.slot = now;
  result.asked_at = now;
  if (!limits_.any()) {
    result.held = true;
    return result;
  }
  forget_past(now);
  if (auto mine = slots_.find(symbol); mine != slots_.end()) {
    result.held = true;
    result.slot = mine->second;
    return result;
  }
  auto& next = result.next;
  next = row_;
  if (auto today = new_york_day(now); next.day < today) {
    next.day = today;
    next.used = 0;
  }
  auto place = place_in_line(symbol, now);
  auto midnight = new_york_midnight(next.day + date::days{1});
  if (limits_.per_day > 0 && next.used >= limits_.per_day)
    return wait_until(midnight, now,
                      "the day's " + std::to_string(limits_.per_day)
                          + " calls are used up, the next day starts at "
                          + format_rfc3339(whole_seconds(midnight)));
  result.slot = nth_free_slot(place, now);
  if (limits_.per_day > 0 && result.slot > midnight - before_midnight)
    return wait_until(midnight, now, "the next free call is tomorrow's");
  if (result.slot > now + horizon)
    return wait_until(result.slot, now,
                      std::to_string(place)
                          + " others wait for the key's next call");
  ++next.used;
  next.next_slot_at = std::max(next.next_slot_at, result.slot + spacing_);
  return result;
}

void call_budget::take(const std::string& symbol, const offer& x) {
  if (x.held)
    return;
  // What lies between the first free slot and this one is for those before.
  auto first = std::max(row_.next_slot_at, x.asked_at);
  for (auto gap = x.slot - spacing_; gap >= first; gap -= spacing_)
    gaps_.insert(gap);
  gaps_.erase(x.slot);
  row_ = x.next;
  slots_[symbol] = x.slot;
  line_.remove_if([&](const waiter& y) { return y.symbol == symbol; });
}

void call_budget::forget_past(budget_time now) {
  // Nobody reserves further ahead than this: the clock was set back.
  auto latest = now + horizon + spacing_;
  row_.next_slot_at = std::min(row_.next_slot_at, latest);
  gaps_.erase(gaps_.begin(), gaps_.lower_bound(now));
  gaps_.erase(gaps_.upper_bound(latest), gaps_.end());
  for (auto i = slots_.begin(); i != slots_.end();)
    i = i->second <= now || i->second > latest ? slots_.erase(i) : std::next(i);
}

milliseconds call_budget::refuse(const api_refusal& x, budget_time now) {
  milliseconds wait{0};
  std::string reason;
  switch (static_cast<refusal_class>(x.kind)) {
    case refusal_class::burst:
      wait = seconds{2};
      reason = "the API wants at most one call a second";
      break;
    case refusal_class::per_minute:
      wait = seconds{60};
      reason = "the API counts too many calls in this minute";
      break;
    case refusal_class::daily: {
      auto today = new_york_day(now);
      wait = new_york_midnight(today + date::days{1}) - now;
      // Whether the API's day starts at midnight is unproven, and its clock is
      // not ours: do not lose a day over that.
      if (now - new_york_midnight(today) < std::chrono::hours{1})
        wait = std::chrono::hours{1};
      reason = "the API counts the day's calls as used up";
      break;
    }
    case refusal_class::bad_key:
      wait = std::chrono::minutes{5};
      reason = "the API refuses the key: check API_KEY in .env";
      break;
    default: return wait; // one request's trouble, not the key's
  }
  wait = std::max(wait, milliseconds{x.retry_after_ms});
  if (now + wait > closed_until_) {
    closed_until_ = now + wait;
    closed_reason_ = reason;
  }
  return wait;
}

milliseconds call_budget::closed_for(budget_time now) const {
  return std::max(closed_until_ - now, milliseconds{0});
}

} // namespace tickerflow
