#pragma once

#include "test/simulation/scenario.hpp"

namespace tickerflow::simulation {

struct many_outcome {
  outcome sum; // its recovery is the longest, its violation that of the seed
  std::uint64_t failed_seed = 0; // the lowest of those that were run
  std::int64_t worlds = 0;       // run to their end
  double seconds = 0;
};

/// Runs the seeds `first` ... `first + seeds - 1`, until one fails.
/// @param threads 0: one for each core
many_outcome simulate_many(const scenario& x, std::uint64_t first,
                           std::int64_t seeds, unsigned threads = 0);

/// What no machine here can show: 2,000 workers, 1,024 shards, 3 masters.
scenario big_scenario(std::uint64_t seed);

} // namespace tickerflow::simulation
