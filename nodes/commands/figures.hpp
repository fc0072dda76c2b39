#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tickerflow {

// Figures as people read them; "-" for what is not known.

std::string count_text(std::optional<std::int64_t> x);

/// @returns "361", "12.5", "0.02"
std::string rate_text(std::optional<double> per_s);

/// @returns "85 us", "1.2 ms", "3.4 s"
std::string micros_text(std::optional<double> us);

/// @returns "250 ms", "3.4 s"
std::string millis_text(std::optional<double> ms);

/// @returns "12 s", "5 min", "3 h 04", "2 d 05 h"
std::string span_text(std::optional<std::int64_t> s);

/// @returns "812 B", "14.2 MB"
std::string bytes_text(std::optional<std::int64_t> bytes);

/// @returns "83%" of a share from 0 to 1
std::string share_text(std::optional<double> share);

/// Where times are told; the heading of a column says which.
enum class zone : std::uint8_t { new_york, utc };

/// @returns "NEW YORK" or "UTC": for the heading of a column
std::string heading_of(zone x);

/// @returns "New York" or "UTC": for a text
std::string name_of(zone x);

/// @param rfc3339 as the API tells it; may be empty
/// @returns "2020-11-02 09:40:00"; "-" for an empty text
std::string time_text(const std::string& rfc3339, zone where);

/// The same, with milliseconds if there are any: for logs.
std::string exact_time_text(const std::string& rfc3339, zone where);

/// What is allowed where a user gives a time.
constexpr auto time_forms =
    "give a day (2020-11-02) or a time (\"2020-11-02 09:30\") in New York, or "
    "RFC 3339 (2020-11-02T14:30:00Z)";

/// Reads what a user gives as a time: RFC 3339, or a day or a time in New York.
/// @returns RFC 3339 in UTC, or nothing
std::optional<std::string> time_given(const std::string& text);

} // namespace tickerflow
