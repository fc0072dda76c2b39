#include "nodes/commands/styled.hpp"

#include "nodes/commands/display_width.hpp"

namespace tickerflow {

namespace {

/// Codes of ECMA-48 that every terminal with colours has.
std::string_view code_of(tone x) {
  switch (x) {
    case tone::plain: return "";
    case tone::heading: return "\x1b[1m";
    case tone::dim: return "\x1b[2m";
    case tone::good: return "\x1b[32m";
    case tone::note: return "\x1b[36m";
    case tone::warning: return "\x1b[33m";
    case tone::bad: return "\x1b[1;31m";
    case tone::chosen: return "\x1b[7m";
  }
  return "";
}

} // namespace

tone tone_of_level(const std::string& level) {
  if (level == "ok")
    return tone::good;
  if (level == "info")
    return tone::note;
  if (level == "warning")
    return tone::warning;
  return level == "critical" || level == "error" ? tone::bad : tone::plain;
}

std::string to_string(const styled_line& line, bool colours) {
  std::string result;
  for (auto& [text, look] : line) {
    auto code = colours ? code_of(look) : std::string_view{};
    result.append(code).append(text);
    if (!code.empty())
      result += "\x1b[0m";
  }
  // Blanks that only fill a column are no text.
  if (!colours)
    result.erase(result.find_last_not_of(' ') + 1);
  return result;
}

std::string to_string(const styled_text& lines, bool colours) {
  std::string result;
  for (auto& line : lines)
    result += to_string(line, colours) + '\n';
  return result;
}

std::size_t display_width(const styled_line& line) {
  std::size_t result = 0;
  for (auto& x : line)
    result += display_width(x.text);
  return result;
}

styled_line clipped(const styled_line& line, std::size_t width) {
  if (display_width(line) <= width)
    return line;
  styled_line result;
  for (auto& x : line) {
    // What follows needs a column at least for the ellipsis.
    auto text = clipped(x.text, width);
    width -= display_width(text);
    auto cut = text != x.text;
    result.push_back({std::move(text), x.look});
    if (cut || width == 0)
      break;
  }
  return result;
}

} // namespace tickerflow
