#include "actors/call_budget.hpp"

#include "market/exchange_time.hpp"

#include <date/date.h>

#include <algorithm>

namespace tickerflow {

namespace {

constexpr auto zone = "America/New_York";

/// Slots further away are not reserved: their owner may be gone by then.
constexpr std::int64_t horizon_ms = 60'000;

/// The free plan allows one call a second; no plan needs more haste.
constexpr std::int64_t least_spacing_ms = 1100;

timestamp instant(std::int64_t ms) {
  return timestamp{std::chrono::seconds{ms / 1000}};
}

} // namespace

std::string new_york_day(std::int64_t now_ms) {
  return format_wall_time(instant(now_ms), zone).substr(0, 10);
}

std::int64_t next_new_york_midnight_ms(std::int64_t now_ms) {
  // Noon of the next day always exists; its midnight too, in New York.
  auto today = parse_wall_time(new_york_day(now_ms) + " 12:00", zone);
  auto tomorrow = *today + std::chrono::hours{24};
  auto day = format_wall_time(tomorrow, zone).substr(0, 10);
  return parse_wall_time(day, zone)->time_since_epoch().count() * 1000;
}

std::int64_t call_budget::spacing_ms() const {
  if (limits_.per_minute <= 0)
    return least_spacing_ms;
  // Rounded up: a window of 60 s must not hold one more.
  auto even = (60'000 + limits_.per_minute - 1) / limits_.per_minute;
  // Plans of 75 and more a minute have no limit per second.
  return limits_.per_minute >= 60 ? even : std::max(even, least_spacing_ms);
}

api_permit call_budget::wait(std::int64_t ms, std::string reason) const {
  return {false, std::clamp<std::int64_t>(ms, 200, horizon_ms),
          std::move(reason)};
}

size_t call_budget::place_of(const std::string& symbol, std::int64_t now_ms) {
  waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(),
                                [&](auto& x) {
                                  return x.asks_by_ms < now_ms
                                         && x.symbol != symbol;
                                }),
                 waiting_.end());
  auto place = std::find_if(waiting_.begin(), waiting_.end(),
                            [&](auto& x) { return x.symbol == symbol; });
  if (place == waiting_.end())
    place = waiting_.insert(place, {symbol, 0});
  place->asks_by_ms = now_ms + horizon_ms + 10'000;
  return static_cast<size_t>(place - waiting_.begin());
}

call_budget::decision call_budget::acquire(const std::string& symbol,
                                           std::int64_t now_ms) {
  decision result;
  if (now_ms < closed_until_ms_) {
    result.permit = wait(closed_until_ms_ - now_ms, closed_reason_);
    return result;
  }
  if (!limited()) {
    ++granted_;
    result.permit.granted = true;
    return result;
  }
  auto known = reserved_.find(symbol);
  if (known != reserved_.end() && known->second > now_ms) {
    // Asked again before its turn, e.g. after a lost answer: the same slot.
    result.permit = {true, known->second - now_ms, {}};
    return result;
  }
  auto place = static_cast<std::int64_t>(place_of(symbol, now_ms));
  auto day = new_york_day(now_ms);
  auto used = row_.day == day ? row_.used : 0;
  if (limits_.per_day > 0 && used >= limits_.per_day) {
    result.permit =
        wait(next_new_york_midnight_ms(now_ms) - now_ms,
             "the day's " + std::to_string(limits_.per_day)
                 + " calls are used (TICKERFLOW_API_CALLS_PER_DAY); they begin "
                   "again at midnight in New York");
    return result;
  }
  auto slot = std::max(now_ms, row_.next_slot_ms);
  if (place > 0) {
    result.permit = wait(slot - now_ms + place * spacing_ms(),
                         std::to_string(place) + " tickers are before it");
    return result;
  }
  if (slot - now_ms > horizon_ms) {
    result.permit =
        wait(slot - now_ms - horizon_ms / 2,
             "the next call is " + std::to_string((slot - now_ms) / 1000)
                 + " s away");
    return result;
  }
  result.permit = {true, slot - now_ms, {}};
  result.save = true;
  // Counted on the day on which the call is made, not reserved.
  auto call_day = new_york_day(slot);
  result.row = {call_day, call_day == row_.day ? row_.used + 1 : 1,
                slot + spacing_ms()};
  return result;
}

void call_budget::saved(const std::string& symbol, const budget_row& x) {
  row_ = x;
  ++granted_;
  reserved_[symbol] = x.next_slot_ms - spacing_ms();
  if (!waiting_.empty() && waiting_.front().symbol == symbol)
    waiting_.pop_front();
}

void call_budget::refused(const api_refusal& x, std::int64_t now_ms) {
  ++refused_;
  std::int64_t until = 0;
  switch (static_cast<refusal_class>(x.kind)) {
    case refusal_class::burst: until = now_ms + 2'000; break;
    case refusal_class::per_minute: until = now_ms + 60'000; break;
    case refusal_class::daily: until = next_new_york_midnight_ms(now_ms); break;
    // Asked for again now and then: the key may be corrected meanwhile.
    case refusal_class::bad_key: until = now_ms + 300'000; break;
    default: return; // one ticker's affair
  }
  until = std::max(until, now_ms + x.retry_after_ms);
  if (until > closed_until_ms_) {
    closed_until_ms_ = until;
    closed_reason_ = x.text;
  }
}

budget_status call_budget::status(std::int64_t now_ms) const {
  budget_status result;
  result.calls_per_minute = limits_.per_minute;
  result.calls_per_day = limits_.per_day;
  result.used_today = row_.day == new_york_day(now_ms) ? row_.used : 0;
  result.granted = granted_;
  result.refused = refused_;
  result.closed_for_ms = std::max<std::int64_t>(0, closed_until_ms_ - now_ms);
  if (result.closed_for_ms > 0)
    result.closed_reason = closed_reason_;
  return result;
}

} // namespace tickerflow
