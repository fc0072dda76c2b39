#pragma once

#include "market/bar.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tickerflow {

/// What the time beside a bar means: its first or its last instant.
/// The live API labels bars by their start; recordings up to 2022 by the end.
enum class bar_label : std::uint8_t { start, end };

/// Converts wall time in a zone of the tz database to an instant.
///
/// Shape   "2020-11-27 09:30:00", "2020-11-27T09:30", "2020-11-27" (midnight)
/// Errors  nothing: text that is no time, unknown zone, a wall time that the
///         clocks skipped. Of a repeated hour the first pass is meant.
/// Source  the tz database of the system, through Howard Hinnant's date.
std::optional<timestamp> parse_wall_time(std::string_view text,
                                         const std::string& zone);

/// @returns "2020-11-27 09:30:00" in a zone; UTC if the zone is unknown
std::string format_wall_time(timestamp t, const std::string& zone);

/// Reads RFC 3339, any offset: "2020-11-27T14:30:00Z", "...-05:00".
std::optional<timestamp> parse_rfc3339(std::string_view text);

/// @returns "2020-11-27T14:30:00Z"
std::string format_rfc3339(timestamp t);

/// Appends the same: the hot path's form.
void append_rfc3339(std::string& out, timestamp t);

} // namespace tickerflow
