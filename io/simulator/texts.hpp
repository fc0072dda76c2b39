#pragma once

#include "market/bar.hpp"

#include <date/date.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tickerflow::sim {

/// The zone of the exchange's wall time, as the tz database names it.
inline const std::string exchange_zone = "America/New_York";

std::vector<std::string_view> split_text(std::string_view text, char separator);

/// Reads "2020-11-02".
std::optional<date::sys_days> parse_date(std::string_view text);

/// Reads "09:30:00".
std::optional<std::chrono::seconds> parse_time_of_day(std::string_view text);

/// Reads an instant as wall time of the exchange or as RFC 3339.
std::optional<timestamp> parse_instant(const std::string& text);

/// @returns the date of the exchange's wall clock
date::sys_days exchange_date(timestamp t);

/// Appends a price with exactly 4 decimals: "424.1000".
void append_fixed_e4(std::string& out, std::int64_t price_e4);

/// Writes instants as the exchange's wall time, "2020-11-02 09:30:00". Keeps
/// the zone's offset between calls: the tz database is asked twice a year.
class wall_time_writer {
public:
  void append(std::string& out, timestamp t);

private:
  timestamp from_{};
  timestamp to_{};
  std::chrono::seconds offset_{};
};

/// Splits "a=1&b=x%20y" into names and decoded values; of a name that comes
/// twice the last one counts.
std::map<std::string, std::string> parse_parameters(std::string_view query);

std::string to_upper(std::string_view text);

} // namespace tickerflow::sim
