#pragma once

#include "bench/bench_events.hpp"

namespace tickerflow {

/// A rate that was measured, with what it cost this process.
struct measured_rate {
  double seconds = 0;
  std::int64_t count = 0;
  double cpu_seconds = 0;

  double per_second() const {
    return seconds > 0 ? static_cast<double>(count) / seconds : 0;
  }
};

/// Reads the whole topic; parses each record if asked to.
measured_rate measure_consume(const bench_options& x, std::int64_t records,
                              bool parse);

/// Writes the bars' rows by COPY into a copy of market.bar, with its primary
/// key, in transactions of 10,000, over so many connections at once. The text
/// is made beforehand: this is PostgreSQL's own limit.
measured_rate measure_copy(const bench_options& x, int connections);

} // namespace tickerflow
