#pragma once

#include "messages/errc.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tickerflow {

/// Which rows of an earlier pipeline's table are wanted.
struct legacy_selection {
  std::string table;                // empty: stocks, else stocks_legacy
  std::vector<std::string> symbols; // upper case; empty: all
  std::string since;                // "2023-01-31" in the table's own times
  std::string until;                // the first day that is not wanted
};

/// Equal rows of the table, texts as they stand there; null is empty.
struct legacy_row {
  std::string symbol;
  std::string date;
  std::string open;
  std::string high;
  std::string low;
  std::string close;
  std::string volume;     // empty: the table has no such column
  std::int64_t times = 1; // how many equal rows
  std::int64_t place = 0; // of the last of them: rises with each row appended
};

/// Reads the earlier pipeline's table: text columns date, symbol, open, high,
/// low, close, perhaps volume; rows appended, most of them more than once.
///
/// Everything happens in one read-only transaction of one snapshot: the server
/// refuses to change anything there, and rows that come meanwhile are not seen.
///
/// Errors  bad_setting: no such table or columns; unavailable, refused
class legacy_table {
public:
  static caf::expected<std::unique_ptr<legacy_table>>
  open(const std::string& dsn, legacy_selection wanted);

  ~legacy_table();

  /// The table's name as found, with its schema where needed.
  const std::string& name() const;

  /// Whether the rows have places, that is, which of two is the later one is
  /// known: not of a view.
  bool ordered() const;

  /// Calls `f` with each symbol and time once, by symbol and time; of the row
  /// only these and `times` are set. `f` returns whether to go on.
  caf::error each_time(const std::function<bool(const legacy_row&)>& f);

  /// Calls `f` with each distinct row, by symbol, time and place. `f` returns
  /// whether to go on.
  caf::error each_row(const std::function<bool(const legacy_row&)>& f);

private:
  legacy_table();
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickerflow
