#pragma once

#include "io/kafka/kafka_options.hpp"
#include "market/bar.hpp"

#include <functional>
#include <string>
#include <vector>

namespace tickerflow {

/// What the benchmarks run on.
struct bench_options {
  kafka_options kafka;
  std::string postgres; // DSN with the password
  std::string topic = "bench_stock_analysis";
  std::string program; // the tickerflow binary
  std::string log_dir;
  int tickers = 500;
  int bars_per_ticker = 6000;
  int shards = 8;
  int workers = 2;
  int latency_seconds = 20;
  int latency_rate = 1000; // bars a second
};

/// @returns "B000", "B001", ...
std::string bench_symbol(int i);

/// Calls `f(bar)` for minute after minute of regular sessions from 2020-01-02
/// on, all tickers in each: a seeded random walk.
void for_each_bench_bar(const bench_options& x,
                        const std::function<void(const bar&)>& f);

/// Produces all bars as raw events.
/// @returns how many
std::int64_t preload(const bench_options& x);

} // namespace tickerflow
