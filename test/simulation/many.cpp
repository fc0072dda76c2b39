#include "test/simulation/many.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

namespace tickerflow::simulation {

namespace {

void add(outcome& sum, const outcome& x) {
  sum.events += x.events;
  sum.faults += x.faults;
  sum.commits += x.commits;
  sum.fenced += x.fenced;
  sum.old_claims += x.old_claims;
  sum.stale_told += x.stale_told;
  sum.double_leaders += x.double_leaders;
  sum.names_refused += x.names_refused;
  sum.moves += x.moves;
  sum.recovery = std::max(sum.recovery, x.recovery);
}

} // namespace

many_outcome simulate_many(const scenario& x, std::uint64_t first,
                           std::int64_t seeds, unsigned threads) {
  many_outcome result;
  std::mutex mutex;
  std::atomic<std::int64_t> next{0};
  std::atomic<bool> failed{false};
  auto work = [&] {
    while (!failed) {
      auto i = next++;
      if (i >= seeds)
        return;
      auto mine = x;
      mine.seed = first + static_cast<std::uint64_t>(i);
      auto found = simulate(mine);
      std::lock_guard<std::mutex> guard{mutex};
      add(result.sum, found);
      ++result.worlds;
      if (found.violation.empty() || (failed && result.failed_seed < mine.seed))
        continue;
      failed = true;
      result.failed_seed = mine.seed;
      result.sum.violation = found.violation;
    }
  };
  auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> pool;
  if (threads == 0)
    threads = std::max(1U, std::thread::hardware_concurrency());
  for (auto i = 0U; i < threads; ++i)
    pool.emplace_back(work);
  for (auto& thread : pool)
    thread.join();
  result.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  return result;
}

scenario big_scenario(std::uint64_t seed) {
  scenario x;
  x.seed = seed;
  x.workers = 2000;
  x.shards = 1024;
  x.masters = 3;
  x.faults_for = std::chrono::milliseconds{10'000};
  x.experiments = 3;
  return x;
}

} // namespace tickerflow::simulation
