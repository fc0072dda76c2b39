#pragma once

#include "market/bar.hpp"

#include <date/date.h>

#include <map>
#include <optional>
#include <string>

namespace tickerflow::sim {

/// The parameters of TIME_SERIES_INTRADAY.
struct intraday_query {
  std::string symbol;       // upper case
  std::string typed_symbol; // as the answer repeats it
  std::chrono::minutes interval{5};
  bool full = false;
  bool csv = false;
  bool extended_hours = true;
  bool adjusted = true;
  std::optional<date::year_month> month;
  std::string entitlement; // "", "delayed", "realtime"

  std::string interval_text() const {
    return std::to_string(interval.count()) + "min";
  }
};

/// @returns nothing if a value is not allowed or a required one is missing
std::optional<intraday_query>
parse_query(const std::map<std::string, std::string>& parameters);

} // namespace tickerflow::sim
