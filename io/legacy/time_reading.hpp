#pragma once

#include "market/exchange_time.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tickerflow {

constexpr const char* exchange_zone = "America/New_York";

/// A wall-clock time, as seconds since 1970-01-01 00:00 on that clock.
using wall_time = std::chrono::seconds;

/// Reads the text of a time in the earlier pipeline's table.
///
/// Shape   "2023-11-02 09:30[:00[.000]]", "T" for the blank, a date alone; with
///         "Z", "+00" or "-05:00" behind it the same instant's UTC clock is
///         meant
/// Errors  nothing: no such text, no such day
std::optional<wall_time> parse_legacy_time(std::string_view text);

/// How the table's times become instants: what went wrong with them, undone.
struct time_reading {
  std::chrono::seconds shift{0};    // added to the time that is read
  std::string zone = exchange_zone; // of the clock that it then shows
  /// Empty, or the zone that New York's wall time was taken for when it was
  /// converted to `zone`.
  std::string taken_for;
};

/// @returns flags that say the same: "--zone UTC", "--shift -5h"
std::string to_string(const time_reading& x);

/// Turns wall-clock times into instants by one reading; keeps what the tz
/// database says.
class time_reader {
public:
  /// @pre `is_zone` holds for the reading's zones
  explicit time_reader(time_reading x);
  ~time_reader();
  time_reader(time_reader&&) noexcept;

  const time_reading& reading() const { return reading_; }

  /// What a wall-clock time means: nothing if the clocks skipped it, two
  /// instants if they passed it twice.
  struct instants {
    std::optional<timestamp> first;
    std::optional<timestamp> second;
  };
  instants at(wall_time x) const;

private:
  struct zones;
  time_reading reading_;
  std::unique_ptr<zones> zones_;
};

/// @returns whether the tz database has the zone
bool is_zone(const std::string& name);

/// Reads "+5h", "-4h30m", "90m".
std::optional<std::chrono::seconds> parse_shift(std::string_view text);

/// @returns "+5h", "-4h30m"
std::string format_shift(std::chrono::seconds x);

} // namespace tickerflow
