#pragma once

#include "bench/bench_events.hpp"

namespace tickerflow {

struct measured_latency {
  std::int64_t bars = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double worst_ms = 0;
};

/// Produces bars at a steady rate and measures, for each, the time from the
/// call of produce to the commit that covers it. Commits are seen by polling
/// pipeline.shard every 2 ms: the figure is never better than the truth.
/// @param first_minute of the bench bars that were not produced yet
measured_latency measure_latency(const bench_options& x);

} // namespace tickerflow
