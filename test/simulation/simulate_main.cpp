#include "test/simulation/many.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

using namespace tickerflow::simulation;

namespace {

void print(const outcome& x) {
  std::printf(
      "faults %lld, events %lld, commits %lld\n"
      "zombies fenced %lld, claims for an older master refused %lld, "
      "old epochs told to stop %lld\n"
      "looks at two leaders %lld, names refused %lld, moves in "
      "experiments %lld (each one needed)\n"
      "longest recovery after the last fault %lld ms\n",
      static_cast<long long>(x.faults), static_cast<long long>(x.events),
      static_cast<long long>(x.commits), static_cast<long long>(x.fenced),
      static_cast<long long>(x.old_claims),
      static_cast<long long>(x.stale_told),
      static_cast<long long>(x.double_leaders),
      static_cast<long long>(x.names_refused), static_cast<long long>(x.moves),
      static_cast<long long>(x.recovery.count()));
}

int replay(scenario x) {
  x.trace = true;
  auto result = simulate(x);
  print(result);
  if (!result.violation.empty())
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(x.seed),
                result.violation.c_str());
  return result.violation.empty() ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"Simulates clusters with faults, and checks every step."};
  scenario x;
  std::int64_t seeds = 10'000;
  std::uint64_t first = 1;
  unsigned threads = 0;
  auto big = false;
  app.add_option("--seeds", seeds, "number of worlds")
      ->check(CLI::PositiveNumber);
  app.add_option("--first", first, "seed of the first one");
  auto one = app.add_option("--seed", x.seed, "one world only, with a trace");
  app.add_option("--workers", x.workers, "in each world; 0: by the seed");
  app.add_option("--masters", x.masters, "in each world; 0: by the seed");
  app.add_option("--shards", x.shards, "in each world; 0: by the seed");
  app.add_flag("--big", big, "2,000 workers, 1,024 shards, 3 masters");
  app.add_option("--threads", threads, "0: one for each core");
  CLI11_PARSE(app, argc, argv);
  if (big)
    x = big_scenario(x.seed);
  if (one->count() > 0)
    return replay(x);
  auto result = simulate_many(x, first, seeds, threads);
  print(result.sum);
  std::printf("%lld worlds in %.1f s\n", static_cast<long long>(result.worlds),
              result.seconds);
  if (result.sum.violation.empty())
    return 0;
  std::printf("seed %llu: %s\nreplay it: ./dev simulate --seed %llu%s\n",
              static_cast<unsigned long long>(result.failed_seed),
              result.sum.violation.c_str(),
              static_cast<unsigned long long>(result.failed_seed),
              big ? " --big" : "");
  return 1;
}
