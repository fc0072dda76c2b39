#include "market/calendar.hpp"

#include "calendar_files.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string>

namespace tickerflow {

namespace {

using namespace std::chrono_literals;

/// Reads fixed-width digits; -1 if one is no digit.
int digits(std::string_view text, size_t position, size_t length) {
  int value = -1;
  auto first = text.data() + position;
  auto [end, error] = std::from_chars(first, first + length, value);
  return error == std::errc{} && end == first + length ? value : -1;
}

date::sys_days parse_date(std::string_view text) {
  return date::year{digits(text, 0, 4)} / digits(text, 5, 2)
         / digits(text, 8, 2);
}

timestamp parse_instant(std::string_view text) {
  return parse_date(text) + std::chrono::hours(digits(text, 11, 2))
         + std::chrono::minutes(digits(text, 14, 2))
         + std::chrono::seconds(digits(text, 17, 2));
}

// "1990-01-02,1990-01-02T14:30:00Z,1990-01-02T21:00:00Z,0"
constexpr size_t row_length = 54;

} // namespace

std::pair<timestamp, timestamp> trading_day::bounds(session x) const {
  switch (x) {
    case session::pre: return {pre_open, open};
    case session::regular: return {open, close};
    case session::post: break;
  }
  return {close, post_close};
}

std::optional<session> trading_day::session_at(timestamp t) const {
  if (t < pre_open || t >= post_close)
    return std::nullopt;
  if (t < open)
    return session::pre;
  return t < close ? session::regular : session::post;
}

calendar::calendar(std::string_view csv) {
  size_t line_number = 0;
  while (!csv.empty()) {
    ++line_number;
    auto length = std::min(csv.find('\n'), csv.size());
    auto line = csv.substr(0, length);
    csv.remove_prefix(std::min(length + 1, csv.size()));
    if (line_number == 1 || line.empty())
      continue;
    if (line.size() != row_length)
      throw std::invalid_argument("calendar line " + std::to_string(line_number)
                                  + " is not date,open,close,early");
    trading_day day;
    day.date = parse_date(line);
    day.open = parse_instant(line.substr(11));
    day.close = parse_instant(line.substr(32));
    day.early_close = line[53] == '1';
    // No session spans a change of the clocks (those are on Sunday nights),
    // so the day's other edges are at fixed distances from its open.
    day.pre_open = day.open - 5h - 30min;
    day.post_close = day.open + (day.early_close ? 7h + 30min : 10h + 30min);
    if (!days_.empty() && days_.back().date >= day.date)
      throw std::invalid_argument("calendar line " + std::to_string(line_number)
                                  + " is out of order");
    days_.push_back(day);
  }
}

const trading_day* calendar::day_at(timestamp t) const {
  auto after = std::upper_bound(
      days_.begin(), days_.end(), t,
      [](timestamp x, const trading_day& day) { return x < day.pre_open; });
  if (after == days_.begin())
    return nullptr;
  auto& day = *std::prev(after);
  return t < day.post_close ? &day : nullptr;
}

const trading_day* calendar::next_on_or_after(date::sys_days date) const {
  auto day = std::lower_bound(
      days_.begin(), days_.end(), date,
      [](const trading_day& x, date::sys_days y) { return x.date < y; });
  return day == days_.end() ? nullptr : &*day;
}

const trading_day* calendar::day_on(date::sys_days date) const {
  auto day = next_on_or_after(date);
  return day && day->date == date ? day : nullptr;
}

const calendar& nyse() {
  static const calendar instance{embedded::calendar_files().front().content};
  return instance;
}

date::sys_days week_of(date::sys_days date) {
  return date - (date::weekday{date} - date::Monday);
}

} // namespace tickerflow
