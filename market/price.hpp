#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tickerflow {

/// Reads a decimal number as 1/10'000, rounded half away from zero.
///
/// Shape   "424.1", "-3", ".5", "113.50399999999999", "1e2"; blanks around it
///         are allowed.
/// Errors  nothing else: no NaN, no infinity, no hexadecimal, no group marks.
std::optional<std::int64_t> parse_e4(std::string_view text);

/// Rounds a price to 1/10'000.
/// @returns nothing for NaN, infinity and what does not fit
std::optional<std::int64_t> to_e4(double price);

/// @returns the shortest exact decimal: 4241000 is "424.1"
std::string format_e4(std::int64_t price_e4);

/// Appends the shortest exact decimal: the hot path's form of `format_e4`.
void append_e4(std::string& out, std::int64_t price_e4);

} // namespace tickerflow
