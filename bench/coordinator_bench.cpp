#include "bench/coordinator_load.hpp"

#include "actors/shard_table.hpp"
#include "market/shard.hpp"
#include "messages/setup.hpp"

#include <caf/all.hpp>
#include <caf/binary_serializer.hpp>

#include <CLI/CLI.hpp>

#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <map>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

using kind = shard_table::order_kind;

/// CPU time of this thread: other programs on the machine do not count.
double cpu_us() {
  timespec x{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &x);
  return static_cast<double>(x.tv_sec) * 1e6
         + static_cast<double>(x.tv_nsec) / 1e3;
}

template <class F>
double cost_us(F f) {
  auto start = cpu_us();
  f();
  return cpu_us() - start;
}

double heap_mb() {
  auto x = mallinfo2();
  return static_cast<double>(x.uordblks + x.hblkhd) / 1e6;
}

struct config : caf::actor_system_config {
  config() { add_messages(*this); }
};

struct cluster {
  shard_table table;
  std::map<std::string, node_report> reports;
  shard_table::time now = shard_table::time{} + 1h;
  std::int64_t pid = 0;

  cluster(std::int32_t nodes, std::int32_t shards)
      : table(std::vector<stored_shard>(static_cast<size_t>(shards)), {}, now) {
    for (auto i = 0; i < nodes; ++i)
      join(i);
  }

  static std::string name(std::int32_t i) {
    return "worker-" + std::to_string(i);
  }

  void join(std::int32_t i) {
    node_spec x;
    x.name = name(i);
    x.host = "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250);
    x.pid = static_cast<std::int32_t>(++pid);
    reports[x.name].name = x.name;
    table.join(x, {}, now);
  }

  /// What every worker does with its orders, at once.
  /// @returns the number of orders; CPU of the table alone in `us`
  size_t settle(double& us) {
    size_t count = 0;
    for (;;) {
      std::vector<shard_table::order> orders;
      us += cost_us([&] { orders = table.decide(now); });
      if (orders.empty())
        return count;
      count += orders.size();
      for (auto& x : orders)
        us += obey(x);
    }
  }

  double obey(const shard_table::order& x) {
    auto& shards = reports[x.node].shards;
    if (x.kind == kind::assign) {
      shard_report y;
      y.shard = x.shard;
      y.epoch = x.epoch;
      y.next_offset = 1'000'000 + x.shard;
      y.bars = 123'456;
      y.windows = 23'456;
      y.state = "running";
      shards.push_back(y);
      return 0;
    }
    shards.erase(std::remove_if(shards.begin(), shards.end(),
                                [&](auto& y) { return y.shard == x.shard; }),
                 shards.end());
    shard_loss loss;
    loss.node = x.node;
    loss.shard = x.shard;
    loss.epoch = x.epoch;
    return cost_us([&] { table.revoked(loss, now); });
  }

  void beats() {
    for (auto& [name, report] : reports)
      table.beat(report, now);
  }
};

size_t size_of(caf::actor_system& system, const node_report& x) {
  caf::binary_serializer::container_type buffer;
  caf::binary_serializer sink{system, buffer};
  if (auto error = sink(x))
    std::printf("not serialised\n");
  return buffer.size();
}

} // namespace

int main(int argc, char** argv) {
  std::int32_t nodes = 1000;
  std::int32_t shards = 1024;
  std::int32_t tickers = 100'000;
  CLI::App app{"What the coordinator's table costs."};
  app.add_option("--nodes", nodes)->check(CLI::PositiveNumber);
  app.add_option("--shards", shards)->check(CLI::PositiveNumber);
  app.add_option("--tickers", tickers)->check(CLI::NonNegativeNumber);
  auto messages = true;
  app.add_flag("!--table-only", messages, "without real messages (20 s)");
  CLI11_PARSE(app, argc, argv);

  std::printf("%d nodes, %d shards, %d tickers\n", nodes, shards, tickers);
  std::fflush(stdout);
  if (messages)
    measure_master(nodes, shards, tickers);
  std::printf("the table alone:\n");
  auto before = heap_mb();
  std::vector<std::vector<ticker_spec>> by_shard(static_cast<size_t>(shards));
  for (auto i = 0; i < tickers; ++i) {
    auto symbol = "T" + std::to_string(i);
    by_shard[static_cast<size_t>(shard_of(symbol, shards))].push_back(
        {symbol, 60});
  }
  auto with_tickers = heap_mb();

  double start_us = 0;
  cluster uut{nodes, shards};
  uut.now += 600ms;
  auto orders = uut.settle(start_us);
  std::printf("first placement: %.1f ms, %zu orders\n", start_us / 1e3, orders);

  // One second of a quiet cluster: two beats of each node, ten ticks.
  double beat_us = 0;
  double tick_us = 0;
  constexpr auto seconds = 20;
  for (auto i = 0; i < seconds * 10; ++i) {
    uut.now += 100ms;
    if (i % 5 == 0)
      beat_us += cost_us([&] { uut.beats(); });
    tick_us += cost_us([&] { uut.table.decide(uut.now); });
  }
  auto beats = static_cast<double>(nodes) * 2;
  std::printf("beat: %.2f us; %.0f a second: %.2f %% of a core\n",
              beat_us / seconds / beats, beats, beat_us / seconds / 1e4);
  std::printf("decide, nothing to do: %.2f us; ten a second: %.3f %%\n",
              tick_us / seconds / 10, tick_us / seconds / 1e4);

  double join_us = 0;
  size_t moved = 0;
  constexpr auto changes = 50;
  for (auto i = 0; i < changes; ++i) {
    join_us += cost_us([&] { uut.join(nodes + i); });
    uut.now += 600ms;
    moved += uut.settle(join_us);
    uut.beats();
  }
  std::printf("a node joins: %.0f us with all its orders (%.1f)\n",
              join_us / changes, static_cast<double>(moved) / changes);
  double leave_us = 0;
  moved = 0;
  for (auto i = 0; i < changes; ++i) {
    auto name = cluster::name(i);
    leave_us += cost_us([&] { uut.table.dead(name, uut.now); });
    uut.reports.erase(name);
    moved += uut.settle(leave_us);
    uut.now += 100ms;
    uut.beats();
  }
  std::printf("a node dies: %.0f us with all its orders (%.1f)\n",
              leave_us / changes, static_cast<double>(moved) / changes);
  size_t announced = 0;
  auto plan_us =
      cost_us([&] { announced = uut.table.plan({}, uut.now).size(); });
  std::printf("rebalance --dry-run: %.1f ms, %zu moves\n", plan_us / 1e3,
              announced);
  auto status_us = cost_us([&] {
    uut.table.nodes(uut.now);
    for (std::int32_t i = 0; i < shards; ++i)
      uut.table.view(i, uut.now);
  });
  std::printf("status of all nodes and shards: %.1f ms\n", status_us / 1e3);

  config cfg;
  caf::actor_system system{cfg};
  size_t bytes = 0;
  for (auto& [name, report] : uut.reports)
    bytes += size_of(system, report);
  auto mean =
      static_cast<double>(bytes) / static_cast<double>(uut.reports.size());
  std::printf("a beat: %.0f bytes; %.0f a second: %.2f MB/s\n", mean, beats,
              mean * beats / 1e6);
  auto per_shard = tickers / shards;
  auto full = uut.reports.begin()->second;
  for (auto& x : full.shards)
    for (auto i = 0; i < per_shard; ++i) {
      ticker_report row;
      row.symbol = "T" + std::to_string(i);
      row.last_bar_s = 1'700'000'000;
      row.last_close_e4 = 1'234'500;
      row.bars = 1000;
      row.fetcher = "waiting for the next bar";
      x.tickers.push_back(row);
    }
  std::printf("with its %zu tickers: %zu bytes\n",
              static_cast<size_t>(per_shard) * full.shards.size(),
              size_of(system, full));
  std::printf("memory: table %.1f MB (with its nodes' last reports), tickers "
              "by shard %.1f MB\n",
              heap_mb() - with_tickers, with_tickers - before);
  return 0;
}
