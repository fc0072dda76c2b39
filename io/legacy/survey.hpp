#pragma once

#include "io/legacy/time_reading.hpp"
#include "io/postgres/legacy_table.hpp"

#include <map>
#include <string>
#include <vector>

namespace tickerflow {

/// How often each wall-clock time occurs in a table, counted once a ticker.
/// One histogram for each interval: how long a bar is decides where one begins
/// whose label is its end.
using wall_histogram = std::map<wall_time, std::int32_t>;

/// Intervals that the user has told: by ticker, else for all.
struct told_intervals {
  std::map<std::string, std::chrono::seconds> by_symbol;
  std::chrono::seconds all{0}; // zero: not told

  /// @returns zero if nothing was told
  std::chrono::seconds of(const std::string& symbol) const;
};

/// What is found of one ticker before its bars are read.
struct surveyed_ticker {
  std::chrono::seconds interval{0}; // told, else of most days; zero: not known
  bool told = false;
  std::map<int, std::int64_t> days;  // number of days, by interval in minutes
  std::int64_t rows = 0;             // all, doubled ones too
  std::int64_t times = 0;            // distinct
  std::vector<wall_time> unfinished; // of the ticker that is being read
};

/// Looks at all times of a table, one ticker after the other, for the interval
/// of each ticker and for what the times mean.
class survey {
public:
  explicit survey(told_intervals told = {}) : told_(std::move(told)) {}

  /// Takes a row: by symbol and time, each once.
  void take(const legacy_row& x);

  /// Call it after the last row.
  void finish();

  /// By symbol in upper case.
  const std::map<std::string, surveyed_ticker>& tickers() const {
    return tickers_;
  }

  /// By interval, of the tickers whose interval is known.
  const std::map<std::chrono::seconds, wall_histogram>& times() const {
    return times_;
  }

  std::int64_t rows() const { return rows_; }

private:
  told_intervals told_;
  std::map<std::string, surveyed_ticker> tickers_;
  std::map<std::chrono::seconds, wall_histogram> times_;
  std::string current_;
  std::int64_t rows_ = 0;
};

/// @returns the symbol as Tickerflow writes it: upper case, no blanks around it
std::string legacy_symbol(std::string_view text);

/// Why a ticker's interval cannot be taken as it was found; empty if it can.
std::string interval_fault(const std::string& symbol, const surveyed_ticker& x);

} // namespace tickerflow
