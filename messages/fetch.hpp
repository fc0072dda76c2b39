#pragma once

#include "market/bar.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace tickerflow {

/// One call of TIME_SERIES_INTRADAY.
struct intraday_request {
  std::string symbol;
  std::chrono::seconds interval{300};
  bool full = false; // outputsize=full instead of the newest 100 bars
  std::string month; // "2020-11" for backfill, else empty
  /// Nobody waits for the answer any more: do not call.
  std::chrono::steady_clock::time_point deadline =
      std::chrono::steady_clock::time_point::max();
};

/// What the API answered, bars in order of time, labels already made starts.
struct intraday_answer {
  std::vector<bar> bars;
  timestamp source_now{}; // the source's clock when it answered (Date header)
  bool delayed = false;   // the plan's answers are 15 minutes behind
  std::vector<std::string> rejected; // rows that do not parse, with the reason
};

using intraday_answer_ptr = std::shared_ptr<const intraday_answer>;

} // namespace tickerflow
