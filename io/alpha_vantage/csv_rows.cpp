#include "io/alpha_vantage/rows.hpp"

#include <algorithm>
#include <array>

namespace tickerflow::alpha_vantage {

namespace {

/// Cuts the next line off, without its end (LF or CRLF).
std::string_view take_line(std::string_view& text) {
  auto length = std::min(text.find('\n'), text.size());
  auto line = text.substr(0, length);
  text.remove_prefix(std::min(length + 1, text.size()));
  if (!line.empty() && line.back() == '\r')
    line.remove_suffix(1);
  return line;
}

/// @returns the six cells of a line; nothing if there are more or fewer
std::optional<row> read_row(std::string_view line) {
  std::array<std::string_view, 6> cells;
  for (size_t i = 0; i < cells.size(); ++i) {
    auto length = std::min(line.find(','), line.size());
    auto is_last = length == line.size();
    if (is_last != (i + 1 == cells.size()))
      return std::nullopt;
    cells[i] = line.substr(0, length);
    line.remove_prefix(is_last ? length : length + 1);
  }
  row result;
  result.label = cells[0];
  result.open = cells[1];
  result.high = cells[2];
  result.low = cells[3];
  result.close = cells[4];
  result.volume = cells[5];
  return result;
}

} // namespace

std::optional<table> read_csv(std::string_view body) {
  auto header = take_line(body);
  if (header != "timestamp,open,high,low,close,volume"
      && header != "time,open,high,low,close,volume")
    return std::nullopt;
  table result;
  while (!body.empty()) {
    auto line = take_line(body);
    if (line.empty())
      continue;
    if (auto x = read_row(line))
      result.rows.push_back(std::move(*x));
    else
      result.broken.emplace_back(line);
  }
  return result;
}

} // namespace tickerflow::alpha_vantage
