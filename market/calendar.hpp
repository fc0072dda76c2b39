#pragma once

#include "market/bar.hpp"

#include <date/date.h>

#include <optional>
#include <string_view>
#include <vector>

namespace tickerflow {

/// One trading day of the exchange; all instants UTC, all ranges half-open.
struct trading_day {
  date::sys_days date;  // the exchange's date
  timestamp pre_open;   // 04:00 New York
  timestamp open;       // 09:30 New York
  timestamp close;      // 16:00 New York, earlier on early_close days
  timestamp post_close; // 20:00 New York, 17:00 on early_close days
  bool early_close = false;

  /// @returns [start, end) of a session of this day
  std::pair<timestamp, timestamp> bounds(session x) const;

  /// @returns the session that holds an instant, if any does
  std::optional<session> session_at(timestamp t) const;
};

/// The trading days of NYSE and Nasdaq, 1990 to 2035.
///
/// Source  market/nyse.csv, made by market/make_nyse.py.
class calendar {
public:
  /// Reads "date,open_utc,close_utc,early_close" rows, oldest first.
  /// @throws std::invalid_argument naming the line that does not parse
  explicit calendar(std::string_view csv);

  /// @returns the day whose pre-market to post-market holds the instant
  const trading_day* day_at(timestamp t) const;

  /// @returns the trading day of a date; null for weekends and holidays
  const trading_day* day_on(date::sys_days date) const;

  /// @returns the first trading day on or after a date; null behind the end
  const trading_day* next_on_or_after(date::sys_days date) const;

  const std::vector<trading_day>& days() const { return days_; }

private:
  std::vector<trading_day> days_;
};

/// The calendar that is part of the program.
const calendar& nyse();

/// @returns the Monday of a date's week
date::sys_days week_of(date::sys_days date);

} // namespace tickerflow
