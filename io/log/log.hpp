#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tickerflow {

/// Makes spdlog write one line per event to stderr: UTC time, level, and what
/// the call gave (`event=name key=value`). Registered secrets are masked and
/// line ends escaped, whoever calls.
/// @param level trace, debug, info, warn, error or off
/// @param format "text", or "json": one object a line, its keys taken from
///        the key=value pairs
void setup_log(const std::string& level, const std::string& format);

/// The line that setup_log would write, without its end; for tests.
std::string log_line(const std::string& level, const std::string& format,
                     std::string_view text);

} // namespace tickerflow
