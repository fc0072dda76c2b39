#pragma once

#include "nodes/commands/styled.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace tickerflow {

struct column {
  std::string heading;
  bool number = false;   // to the right
  std::size_t least = 0; // may be cut down to this width; 0: never cut
  int worth = 9;         // where space lacks, the least worth goes first
};

/// Rows for people. It is as wide as its texts; where that is too wide for the
/// terminal, first the longest columns that may be cut get shorter, then
/// columns of the least worth (below 9) go.
class table {
public:
  explicit table(std::vector<column> columns);

  /// @pre as many cells as columns; the texts may come from outside
  void add(styled_line cells);

  std::size_t rows() const { return rows_.size(); }

  /// @param width of the terminal; 0: as wide as it gets
  /// @returns the headings, then one line a row
  styled_text lines(std::size_t width = 0) const;

private:
  /// @returns the width of each column; 0: not shown
  std::vector<std::size_t> layout(std::size_t width) const;

  std::vector<column> columns_;
  std::vector<styled_line> rows_;
};

} // namespace tickerflow
