#pragma once

#include "io/postgres/flow_view.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace tickerflow {

/// One line now and then of what flows into PostgreSQL, for people who watch.
class live_lines {
public:
  live_lines(std::string dsn, std::vector<std::string> tickers);

  void print();

  /// The exact counts, at the end.
  void print_summary();

private:
  flow_view view_;
  std::vector<std::string> tickers_;
  size_t turn_ = 0;
  std::int64_t inserted_before_ = -1;
  std::chrono::steady_clock::time_point before_;
  bool outage_told_ = false;
};

} // namespace tickerflow
