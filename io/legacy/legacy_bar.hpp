#pragma once

#include "io/legacy/time_reading.hpp"
#include "io/postgres/legacy_table.hpp"
#include "market/bar.hpp"
#include "market/calendar.hpp"

#include <string>
#include <vector>

namespace tickerflow {

/// Why a row of the earlier table is not taken over; the words are stable.
enum class left_out_reason : std::uint8_t {
  bad_symbol,
  bad_time,
  skipped_time,   // the clocks passed over it
  ambiguous_time, // the clocks passed it twice, and both fall into a session
  bad_number,
  invalid_bar, // see bar_fault
  outside_session,
  misaligned, // on no start of a bar of this length
  superseded, // a later row of the same time has other values
  ours_kept,  // Tickerflow has this bar with other values
};

constexpr size_t left_out_reasons = 10;

/// @returns the enumerator's name
std::string_view to_string(left_out_reason x);

/// What becomes of one row.
struct legacy_bar {
  bar value; // valid if it is not left out
  bool left_out = false;
  left_out_reason reason = left_out_reason::bad_symbol;
  std::string detail; // for people, if it is left out
};

/// Turns rows of the earlier table into bars.
///
/// Shape   one row in, a checked bar of a session or a reason out
/// Errors  none
class legacy_bar_reader {
public:
  legacy_bar_reader(time_reading times, bar_label label, const calendar& days);

  legacy_bar read(const legacy_row& x, std::chrono::seconds interval) const;

private:
  bool read_start(const legacy_row& x, legacy_bar& out) const;
  bool read_values(const legacy_row& x, legacy_bar& out) const;
  bool check_place(legacy_bar& out) const;

  time_reader times_;
  bar_label label_;
  const calendar* days_;
};

/// One bar and the rows that it was made of.
struct merged_bar {
  bar value;
  legacy_row row;           // the last that gave it
  std::int64_t rows = 0;    // with these values
  std::int64_t doubled = 0; // of them, beyond the first
};

/// Bars of one symbol and day, made of rows in any order: of rows with one
/// time the last wins.
class merged_day {
public:
  /// @returns the rows that lost, if this row's values differ from what is
  ///          there: either those before it, or itself
  std::vector<legacy_row> add(const bar& value, const legacy_row& row);

  const std::vector<merged_bar>& bars() const { return bars_; } // by start
  bool empty() const { return bars_.empty(); }
  void clear() { bars_.clear(); }

private:
  std::vector<merged_bar> bars_;
};

} // namespace tickerflow
