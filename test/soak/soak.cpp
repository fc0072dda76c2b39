// A cluster of real processes under a steady flow of records and random
// faults; in the end everything that is stored has to equal the ledger of what
// was produced: ./dev soak.

#include "test/soak/cluster.hpp"
#include "test/soak/fault_driver.hpp"
#include "test/soak/outage.hpp"
#include "test/soak/upgrade.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include <random>

namespace {

using namespace tickerflow::soak;
using namespace std::chrono_literals;
using tickerflow::child_process;

struct soak_options {
  cluster_options cluster;
  double minutes = 30;
  double pause_s = 6;
  double outage_minutes = 0;
  std::string upgrade_from; // empty: none
  bool masters_first = false;
};

/// Progress lines, and the memory that nodes came to.
class progress {
public:
  explicit progress(cluster& x) : cluster_(x) {
    // nop
  }

  void tick(const fault_driver& faults) {
    if (steady::now() < next_look_)
      return;
    next_look_ = steady::now() + 1s;
    double workers = 0;
    for (auto& name : cluster_.own_nodes().names()) {
      auto now = cluster_.own_nodes().megabytes(name);
      auto& highest = is_worker(name) ? worker_mb_ : master_mb_;
      highest = std::max(highest, now);
      if (is_worker(name))
        workers = std::max(workers, now);
    }
    if (steady::now() < next_line_)
      return;
    next_line_ = steady::now() + 10s;
    std::map<std::string, int> shards;
    for (auto& row : cluster_.watch().now())
      ++shards[row.owner];
    std::string owners;
    for (auto& [owner, count] : shards)
      owners += fmt::format(" {}:{}", owner, count);
    auto produced = cluster_.flow().acknowledged();
    auto lag = cluster_.lag();
    faults.say(fmt::format("stored {} of {} records, lag {}, owners{}, "
                           "largest worker {:.0f} MB",
                           produced - lag, produced, lag, owners, workers));
  }

  double worker_mb() const { return worker_mb_; }
  double master_mb() const { return master_mb_; }

private:
  cluster& cluster_;
  steady::time_point next_look_{};
  steady::time_point next_line_{};
  double worker_mb_ = 0;
  double master_mb_ = 0;
};

bool has_operator_verbs(const nodes& x) {
  auto has = [&](const char* verb, const char* flag) {
    return x.run({verb, "--help"}, 10s).second.find(flag) != std::string::npos;
  };
  return has("drain", "--undo") && has("rebalance", "--dry-run");
}

void run_faults(const soak_options& x, cluster& c, fault_driver& faults,
                progress& shown) {
  schedule_options schedule;
  schedule.seed = x.cluster.seed;
  schedule.masters = c.own_nodes().options().masters;
  schedule.operator_verbs = has_operator_verbs(c.own_nodes());
  schedule.mean_pause =
      std::chrono::milliseconds{static_cast<std::int64_t>(x.pause_s * 1000)};
  // A short run shall see more than one long sleep.
  if (x.minutes < 5)
    schedule.longest_halt = 12s;
  if (!schedule.operator_verbs)
    faults.say("this program has no drain and no rebalance: left out");
  auto count = static_cast<size_t>(x.minutes * 60 / x.pause_s * 4) + 1;
  auto end = steady::now()
             + std::chrono::milliseconds{
                 static_cast<std::int64_t>(x.minutes * 60'000)};
  for (auto& fault : make_schedule(schedule, count)) {
    auto due = steady::now() + fault.pause;
    while (steady::now() < std::min(due, end)) {
      faults.tick();
      shown.tick(faults);
      std::this_thread::sleep_for(10ms);
    }
    if (steady::now() >= end)
      break;
    if (!faults.begin(fault))
      faults.say(fmt::format("left out for others that are open: {}",
                             to_string(fault.kind)));
  }
  faults.end_all();
}

int judge(cluster& c, const std::vector<std::string>& seen) {
  differences all;
  for (auto& text : seen)
    all.add(text);
  for (auto& text : c.watch().violations())
    all.add(text);
  auto print = [](const std::vector<std::string>& lines) {
    for (auto& line : lines)
      fmt::print("  compared {}\n", line);
    std::fflush(stdout);
  };
  print(compare_database(c.place(), c.flow().ledger(), all));
  print(compare_topics(c.place(), c.flow().ledger(), all));
  if (all.count() == 0) {
    fmt::print("verdict: no difference\n");
    return 0;
  }
  fmt::print("verdict: {} differences, the first of them:\n", all.count());
  for (auto& text : all.texts())
    fmt::print("  {}\n", text);
  return 1;
}

void print_summary(const fault_driver& faults, const progress& shown) {
  fmt::print("\nfaults\n");
  for (auto& [kind, count] : faults.counts())
    fmt::print("  {:>4}  {}\n", count, to_string(kind));
  fmt::print("recovery\n");
  auto row = [](const char* what, const figures& x) {
    fmt::print("  {:<58} {}\n", what, x.text());
  };
  row("kill -9 of a worker to a commit by others, slowest shard",
      faults.worker_kills);
  row("  the same, each shard", faults.worker_kill_shards);
  row("  the same, slowest shard, no other fault meanwhile",
      faults.lone_worker_kills);
  row("SIGSTOP of a worker to a commit by others, slowest shard",
      faults.worker_halts);
  row("loss of the leader to all workers under a new term",
      faults.leader_losses);
  row("SIGTERM to the end of a node", faults.orderly_stops);
  fmt::print("memory at most: worker {:.0f} MB, master {:.0f} MB\n",
             shown.worker_mb(), shown.master_mb());
}

int run(const soak_options& x, work_folder& folder) {
  servers own{folder.path()};
  auto options = x.cluster;
  if (!x.upgrade_from.empty())
    options.program = x.upgrade_from;
  options.brokers = own.brokers();
  options.postgres = own.dsn();
  if (options.masters > 1
      && !takes_several_masters(options.program, folder.path())) {
    fmt::print("this program knows one master only: no standby\n");
    options.masters = 1;
  }
  cluster c{options, folder.path()};
  fault_driver faults{c.own_nodes(), own, c.watch(), c.status(),
                      options.workers};
  progress shown{c};
  c.flow().start();
  std::vector<std::string> seen;
  if (!x.upgrade_from.empty()) {
    seen = run_upgrade(c, x.cluster.program, x.masters_first);
  } else if (x.outage_minutes > 0) {
    seen = run_outage(c, own,
                      std::chrono::milliseconds{static_cast<std::int64_t>(
                          x.outage_minutes * 60'000)});
  } else {
    run_faults(x, c, faults, shown);
    seen = faults.violations();
  }
  c.flow().finish();
  faults.say(fmt::format("{} records are acknowledged, {} not stored yet",
                         c.flow().acknowledged(), c.lag()));
  for (auto& text : c.drain())
    seen.push_back(text);
  faults.say("all that moves has come to rest");
  if (x.upgrade_from.empty())
    print_summary(faults, shown);
  return judge(c, seen);
}

std::uint64_t seed_of_environment() {
  if (auto text = std::getenv("TICKERFLOW_SEED"))
    return std::strtoull(text, nullptr, 10);
  return std::random_device{}() % 1'000'000;
}

} // namespace

int main(int argc, char** argv) {
  soak_options x;
  x.cluster.seed = seed_of_environment();
  CLI::App program{"Faults on a cluster of real processes; the result has to "
                   "equal the ledger"};
  program.add_option("--program", x.cluster.program, "the tickerflow binary")
      ->required();
  program.add_option("--minutes", x.minutes, "of faults");
  program.add_option("--seed", x.cluster.seed,
                     "of records and faults; else TICKERFLOW_SEED, else any");
  program.add_option("--masters", x.cluster.masters);
  program.add_option("--workers", x.cluster.workers);
  program.add_option("--shards", x.cluster.shards);
  program.add_option("--tickers", x.cluster.tickers);
  program.add_option("--rate", x.cluster.rate, "records a second");
  program.add_option("--pause", x.pause_s, "seconds between faults, mean");
  program
      .add_option("--outage", x.outage_minutes,
                  "instead of faults: one outage of PostgreSQL, in minutes")
      ->transform(CLI::Validator{[](std::string& text) {
                                   if (!text.empty() && text.back() == 'm')
                                     text.pop_back();
                                   return std::string{};
                                 },
                                 "MINUTES"});
  program.add_option("--upgrade-from", x.upgrade_from,
                     "instead of faults: the nodes are of this tickerflow "
                     "binary at first, and are replaced one by one");
  program.add_flag("--masters-first", x.masters_first,
                   "upgrade all masters before any worker");
  CLI11_PARSE(program, argc, argv);
  clear_settings();
  fmt::print("seed {} (repeat with --seed {})\n", x.cluster.seed,
             x.cluster.seed);
  std::fflush(stdout);
  try {
    work_folder folder{"tickerflow-soak"};
    auto result = run(x, folder);
    if (result == 0)
      folder.discard();
    return result;
  } catch (const std::exception& e) {
    fmt::print(stderr, "the soak could not be carried out: {}\n", e.what());
    return 1;
  }
}
