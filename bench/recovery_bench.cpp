// How long the pipeline needs to go on after what can happen to its nodes: see
// docs/performance.md, "Recovery". One thing at a time, under a steady flow.

#include "test/soak/cluster.hpp"
#include "test/soak/recovery.hpp"
#include "test/soak/servers.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <deque>
#include <fstream>
#include <random>

namespace {

using namespace tickerflow::soak;
using namespace std::chrono_literals;

constexpr auto longest_recovery = 60s;

double seconds_between(steady::time_point from, steady::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

struct bench_options {
  cluster_options cluster;
  int kills = 100;
  int halts = 20;
  int moves = 30;
  int leaders = 30;
  std::string json_file;
};

/// What was measured, row by row of the table.
class table {
public:
  figures& operator[](const std::string& name) {
    for (auto& [known, values] : rows_)
      if (known == name)
        return values;
    return rows_.emplace_back(name, figures{}).second;
  }

  void print() const {
    fmt::print("\n{:<66} {:>4} {:>8} {:>8} {:>8}\n", "seconds", "n", "p50",
               "p99", "max");
    for (auto& [name, x] : rows_)
      fmt::print("{:<66} {:>4} {:>8.3f} {:>8.3f} {:>8.3f}\n", name,
                 x.values().size(), x.percentile(0.5), x.percentile(0.99),
                 x.percentile(1));
    std::fflush(stdout);
  }

  void save(const std::string& file, std::uint64_t seed) const {
    nlohmann::ordered_json json;
    json["seed"] = seed;
    for (auto& [name, x] : rows_)
      json["seconds"][name] = x.values();
    std::ofstream{file} << json.dump(1) << '\n';
  }

private:
  std::deque<std::pair<std::string, figures>> rows_;
};

class bench {
public:
  bench(const bench_options& x, cluster& c)
      : options_(x), cluster_(c), random_(x.cluster.seed) {
    for (int i = 1; i <= x.cluster.workers; ++i)
      workers_.insert(worker_name(i));
  }

  void run() {
    for (int i = 0; i < 5; ++i)
      do_nothing();
    for (int i = 0; i < options_.kills; ++i)
      lose_worker("kill -9 of a worker to the first commit by others", true, i);
    for (int i = 0; i < options_.halts; ++i)
      lose_worker("SIGSTOP of a worker to the first commit by others", false,
                  i);
    for (int i = 0; i < options_.moves; ++i)
      move_shards(i);
    for (int i = 0; i < options_.leaders; ++i)
      lose_leader(i);
  }

  table rows;

private:
  std::string any_worker() {
    auto x = workers_.begin();
    std::advance(x, static_cast<std::ptrdiff_t>(random_() % workers_.size()));
    return *x;
  }

  /// Not in step with beats and ticks.
  void rest() {
    cluster_.wait_for_flow(workers_);
    std::this_thread::sleep_for(1s
                                + std::chrono::milliseconds{random_() % 500});
  }

  void say(const std::string& what, int i, double seconds) {
    fmt::print("{} {}: {:.3f} s\n", what, i + 1, seconds);
    std::fflush(stdout);
  }

  void lose_worker(const std::string& what, bool kill, int i) {
    rest();
    auto name = any_worker();
    auto& nodes = cluster_.own_nodes();
    worker_recovery recovery{cluster_.watch(), name, steady::now()};
    if (kill)
      nodes.kill(name);
    else
      nodes.halt(name);
    while (!recovery.look(cluster_.watch())) {
      if (steady::now() - recovery.lost_at() > longest_recovery)
        throw std::runtime_error("shards of " + name
                                 + " stand still for a minute");
      std::this_thread::sleep_for(2ms);
    }
    auto seconds = recovery.seconds();
    std::sort(seconds.begin(), seconds.end());
    rows[what + ", slowest shard"].add(seconds.back());
    rows[what + ", median shard"].add(seconds[seconds.size() / 2]);
    say(what, i, seconds.back());
    if (kill)
      nodes.start(name);
    else
      nodes.resume(name);
  }

  /// What the pauses of shards that stay have to be compared with.
  void do_nothing() {
    rest();
    auto before = cluster_.watch().now();
    auto from = steady::now();
    std::this_thread::sleep_for(3s);
    for (size_t shard = 0; shard < before.size(); ++shard)
      rows["nothing happens for 3 s: longest pause of a shard"].add(
          longest_pause(
              before[shard],
              cluster_.watch().since(static_cast<std::int32_t>(shard), from)));
  }

  /// A worker joins, or leaves in order: only the shards that move pause.
  void move_shards(int i) {
    rest();
    auto extra = worker_name(options_.cluster.workers + 1);
    auto joins = workers_.count(extra) == 0;
    auto before = cluster_.watch().now();
    auto from = steady::now();
    if (joins) {
      workers_.insert(extra);
      cluster_.own_nodes().start(extra);
    } else {
      workers_.erase(extra);
      cluster_.own_nodes().stop(extra, 20s);
    }
    cluster_.wait_for_flow(workers_);
    auto pause_of_moved = std::string{joins ? "join" : "orderly leave"}
                          + " of a worker: pause of a shard that moves";
    double longest = 0;
    for (size_t shard = 0; shard < before.size(); ++shard) {
      auto changes =
          cluster_.watch().since(static_cast<std::int32_t>(shard), from);
      auto moved = std::any_of(changes.begin(), changes.end(), [&](auto& x) {
        return x.epoch != before[shard].epoch;
      });
      auto pause = longest_pause(before[shard], changes);
      if (moved) {
        rows[pause_of_moved].add(pause);
        longest = std::max(longest, pause);
      } else {
        rows["meanwhile: longest pause of a shard that stays"].add(pause);
      }
    }
    say(pause_of_moved, i, longest);
  }

  /// @returns the longest time between two commits
  static double longest_pause(const shard_sample& before,
                              const std::vector<shard_sample>& changes) {
    double result = 0;
    auto last = before;
    for (auto& x : changes)
      if (x.next_offset > last.next_offset) {
        result = std::max(result, seconds_between(last.at, x.at));
        last = x;
      }
    return result;
  }

  void lose_leader(int i) {
    rest();
    auto& nodes = cluster_.own_nodes();
    auto& status = cluster_.status();
    status.eager(true);
    // The newest term, and that the watch has it.
    while (!status.last().answered || status.last().term == 0)
      std::this_thread::sleep_for(20ms);
    auto name = leading_master(nodes).value();
    leader_recovery recovery{status.highest_term(), steady::now()};
    nodes.kill(name);
    // Without a standby the leader itself has to come back.
    if (nodes.options().masters == 1)
      nodes.start(name);
    std::optional<double> seconds;
    while (!(seconds = recovery.look(status.last(), workers_))) {
      if (steady::now() - recovery.lost_at() > longest_recovery)
        throw std::runtime_error("no new leader for a minute");
      std::this_thread::sleep_for(5ms);
    }
    rows["kill -9 of the leading master to all workers under the next"].add(
        *seconds);
    say("kill -9 of the leader", i, *seconds);
    status.eager(false);
    if (nodes.options().masters > 1)
      nodes.start(name);
  }

  bench_options options_;
  cluster& cluster_;
  std::mt19937_64 random_;
  std::set<std::string> workers_;
};

int run(const bench_options& x, work_folder& folder) {
  servers own{folder.path()};
  auto options = x;
  options.cluster.brokers = own.brokers();
  options.cluster.postgres = own.dsn();
  cluster c{options.cluster, folder.path()};
  c.flow().start();
  bench b{options, c};
  b.run();
  b.rows.print();
  if (!x.json_file.empty())
    b.rows.save(x.json_file, x.cluster.seed);
  // A fast recovery to a wrong result would be none.
  c.flow().finish();
  differences all;
  for (auto& text : c.drain())
    all.add(text);
  for (auto& text : c.watch().violations())
    all.add(text);
  compare_database(c.place(), c.flow().ledger(), all);
  compare_topics(c.place(), c.flow().ledger(), all);
  for (auto& text : all.texts())
    fmt::print("difference: {}\n", text);
  fmt::print("{} records, {} differences from the ledger\n",
             c.flow().acknowledged(), all.count());
  return all.count() == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  bench_options x;
  x.cluster.seed = std::random_device{}() % 1'000'000;
  CLI::App program{"How long recovery takes"};
  program.add_option("--program", x.cluster.program, "the tickerflow binary")
      ->required();
  program.add_option("--kills", x.kills, "kill -9 of a worker");
  program.add_option("--halts", x.halts, "SIGSTOP of a worker");
  program.add_option("--moves", x.moves, "joins and leaves");
  program.add_option("--leaders", x.leaders, "kill -9 of the leading master");
  program.add_option("--masters", x.cluster.masters);
  program.add_option("--workers", x.cluster.workers);
  program.add_option("--rate", x.cluster.rate, "records a second");
  program.add_option("--seed", x.cluster.seed);
  program.add_option("--json", x.json_file, "file for the raw values");
  CLI11_PARSE(program, argc, argv);
  clear_settings();
  try {
    work_folder folder{"tickerflow-recovery"};
    auto result = run(x, folder);
    if (result == 0)
      folder.discard();
    return result;
  } catch (const std::exception& e) {
    fmt::print(stderr, "the benchmark failed: {}\n", e.what());
    return 1;
  }
}
