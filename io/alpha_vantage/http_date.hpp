#pragma once

#include "market/bar.hpp"

#include <optional>
#include <string_view>

namespace tickerflow {

/// Reads the form that servers have to send: "Thu, 29 Feb 2024 04:39:11 GMT"
/// (RFC 9110, IMF-fixdate; the form of RFC 1123). The day's name is not
/// checked.
std::optional<timestamp> parse_http_date(std::string_view text);

} // namespace tickerflow
