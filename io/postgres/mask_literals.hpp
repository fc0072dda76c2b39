#pragma once

#include <string>
#include <string_view>

namespace tickerflow {

/// Puts '?' in the place of each string in an SQL text: a password or data can
/// be in it. Strings that are not closed, as in a text that was cut off, are
/// masked to its end.
std::string mask_literals(std::string_view sql);

} // namespace tickerflow
