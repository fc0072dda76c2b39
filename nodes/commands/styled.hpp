#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tickerflow {

/// What a piece of text is; terminals show it by colour, others not at all.
enum class tone : std::uint8_t {
  plain,
  heading,
  dim,
  good,
  note,
  warning,
  bad,
  chosen, // the line under the cursor
};

struct span {
  std::string text; // printable
  tone look = tone::plain;
};

using styled_line = std::vector<span>;
using styled_text = std::vector<styled_line>;

/// @returns "info" as a note, "critical" as bad, ...: the API's levels
tone tone_of_level(const std::string& level);

/// Prints lines, with the terminal's colours if asked.
std::string to_string(const styled_text& lines, bool colours);

std::string to_string(const styled_line& line, bool colours);

std::size_t display_width(const styled_line& line);

/// Cuts a line to a width.
styled_line clipped(const styled_line& line, std::size_t width);

} // namespace tickerflow
