#pragma once

#include "messages/errc.hpp"

#include <memory>
#include <string>

namespace tickerflow {

/// What flows, for the launcher's live lines.
struct flow_counts {
  bool schema_ready = false; // else the master has not made the tables yet
  std::int64_t bars = 0;     // estimates of PostgreSQL's statistics
  std::int64_t windows = 0;
  std::int64_t dead_letters = 0;
  std::int64_t inserted = 0; // bars, since the statistics began
};

struct newest_bar {
  std::string symbol;
  std::string new_york_time; // "2020-11-02 09:40"; empty: no bar
  std::string close;
};

/// Looks at the database from outside; cheap at any size.
///
/// Errors  unavailable, refused
class flow_view {
public:
  explicit flow_view(std::string dsn);
  ~flow_view();

  caf::expected<flow_counts> counts();

  /// The same, counted row by row: at the end of a demo.
  caf::expected<flow_counts> exact_counts();

  caf::expected<newest_bar> newest(const std::string& symbol);

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickerflow
