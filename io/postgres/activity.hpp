#pragma once

#include "messages/errc.hpp"

#include <memory>
#include <string>
#include <vector>

namespace tickerflow {

/// What one look at the server's statistics gave.
struct statistics_table {
  std::string name;  // "activity"
  std::string fault; // why there are no rows; empty if there are
  std::vector<std::string> headings;
  std::vector<std::vector<std::string>> rows; // strings in SQL are masked
};

/// Looks at what a database does and holds: for who has to find out why it is
/// slow. Changes nothing.
///
/// Errors  unavailable, refused: there is no connection at all
class activity_view {
public:
  explicit activity_view(std::string dsn);
  ~activity_view();

  /// Versions and settings that matter, sessions and what they do or wait for,
  /// the slowest statements (if pg_stat_statements is there), sizes of tables.
  caf::expected<std::vector<statistics_table>> look();

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickerflow
