#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tickerflow {

/// Makes a text from outside safe to print: what is no UTF-8 and what steers a
/// terminal (control characters, changes of the writing direction) becomes
/// \xHH or \u{HHHH}. Tabs become blanks; line ends are kept if asked.
std::string printable(std::string_view text, bool keep_line_ends = false);

/// @returns how many columns of a terminal it takes: letters of the Far East
///          and emoji take two, combining marks none
/// @pre UTF-8, as printable() makes it
std::size_t display_width(std::string_view text);

/// Cuts a text to a width between two letters, with an ellipsis for what is
/// missing.
/// @pre UTF-8, as printable() makes it
std::string clipped(std::string_view text, std::size_t width);

/// The same, filled with blanks to the width.
std::string fitted(std::string_view text, std::size_t width,
                   bool to_the_right = false);

} // namespace tickerflow
