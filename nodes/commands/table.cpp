#include "nodes/commands/table.hpp"

#include "nodes/commands/display_width.hpp"

#include <algorithm>
#include <numeric>

namespace tickerflow {

namespace {

constexpr std::size_t gap = 2; // blanks between columns

std::size_t total_of(const std::vector<std::size_t>& widths) {
  std::size_t result = 0;
  for (auto x : widths)
    if (x > 0)
      result += x + (result > 0 ? gap : 0);
  return result;
}

} // namespace

table::table(std::vector<column> columns) : columns_(std::move(columns)) {
  // nop
}

void table::add(styled_line cells) {
  for (auto& x : cells)
    x.text = printable(x.text);
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> table::layout(std::size_t width) const {
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    auto x = display_width(columns_[i].heading);
    for (auto& row : rows_)
      x = std::max(x, display_width(row[i].text));
    result.push_back(x);
  }
  while (width > 0 && total_of(result) > width) {
    // The longest that may still be cut.
    auto longest = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      auto least =
          std::max(columns_[i].least, display_width(columns_[i].heading));
      if (columns_[i].least > 0 && result[i] > least
          && (longest == columns_.size() || result[i] > result[longest]))
        longest = i;
    }
    if (longest < columns_.size()) {
      --result[longest];
      continue;
    }
    auto victim = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (result[i] > 0 && columns_[i].worth < 9
          && (victim == columns_.size()
              || columns_[i].worth < columns_[victim].worth))
        victim = i;
    if (victim == columns_.size())
      break;
    result[victim] = 0;
  }
  return result;
}

styled_text table::lines(std::size_t width) const {
  auto widths = layout(width);
  styled_text result;
  auto add_row = [&](auto cell_of) {
    styled_line line;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (widths[i] == 0)
        continue;
      if (!line.empty())
        line.push_back({std::string(gap, ' '), tone::plain});
      span x = cell_of(i);
      x.text = fitted(x.text, widths[i], columns_[i].number);
      line.push_back(std::move(x));
    }
    result.push_back(width > 0 ? clipped(line, width) : std::move(line));
  };
  add_row([&](std::size_t i) {
    return span{columns_[i].heading, tone::heading};
  });
  for (auto& row : rows_)
    add_row([&](std::size_t i) { return row[i]; });
  return result;
}

} // namespace tickerflow
