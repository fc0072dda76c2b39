#include "bench/coordinator_load.hpp"

#include "actors/coordinator.hpp"
#include "messages/setup.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <spdlog/spdlog.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <thread>

namespace tickerflow {

namespace {

using namespace std::chrono_literals;

struct config : caf::actor_system_config {
  config() {
    add_messages(*this);
    add_node_defaults(*this, 500ms, 10s);
    load<caf::io::middleman>();
  }
};

struct node_state {
  node_report report;
};

/// Registers, takes what it is given, beats.
node_actor::behavior_type
beating_node(node_actor::stateful_pointer<node_state> self,
             const coordinator_actor& master, std::int32_t number) {
  auto& report = self->state.report;
  report.name = "worker-" + std::to_string(number);
  node_spec spec;
  spec.name = report.name;
  spec.host = "host-" + std::to_string(number);
  spec.pid = number + 1;
  self->request(master, caf::infinite, register_atom_v, spec, report,
                node_actor{self})
      .then([=](std::int64_t, const quota_actor&) {
        self->delayed_send(self, std::chrono::milliseconds{number % 500},
                           beat_atom_v);
      });
  return {
      [&report](assign_atom, const shard_order& x) {
        shard_report y;
        y.shard = x.shard;
        y.epoch = x.epoch;
        y.state = "running";
        report.shards.push_back(y);
      },
      [](revoke_atom, const shard_order&) {},
      [](link_atom) {},
      [=](beat_atom) {
        self->request(master, caf::infinite, beat_atom_v, self->state.report)
            .then([](const beat_answer&) {});
        self->delayed_send(self, 500ms, beat_atom_v);
      },
      [](leave_atom) { return true; },
      [](drain_atom, bool) {},
      [](restart_atom) {},
      [](pause_atom, const std::vector<std::string>&) {},
      [](introspect_atom) { return introspector_actor{}; },
      [self](status_atom) { return self->state.report; },
  };
}

quota_actor::behavior_type no_quota(quota_actor::pointer) {
  return {
      [](acquire_atom, const std::string&) { return api_permit{}; },
      [](refused_atom, const api_refusal&) {},
      [](status_atom) { return budget_status{}; },
  };
}

/// Lives until it is killed.
[[noreturn]] void serve_nodes(int port_pipe, std::int32_t nodes) {
  std::uint16_t port = 0;
  if (read(port_pipe, &port, sizeof(port)) != sizeof(port))
    _exit(1);
  config cfg;
  caf::actor_system system{cfg};
  auto master =
      system.middleman().remote_actor<coordinator_actor>("127.0.0.1", port);
  if (!master) {
    std::fprintf(stderr, "no coordinator: %s\n",
                 system.render(master.error()).c_str());
    _exit(1);
  }
  for (std::int32_t i = 0; i < nodes; ++i)
    system.spawn(beating_node, *master, i);
  for (;;)
    pause();
}

double cpu_s() {
  rusage x{};
  getrusage(RUSAGE_SELF, &x);
  auto seconds = [](const timeval& y) {
    return static_cast<double>(y.tv_sec) + static_cast<double>(y.tv_usec) / 1e6;
  };
  return seconds(x.ru_utime) + seconds(x.ru_stime);
}

double resident_mb() {
  std::ifstream in{"/proc/self/statm"};
  double pages = 0;
  in >> pages >> pages;
  return pages * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

} // namespace

void measure_master(std::int32_t nodes, std::int32_t shards,
                    std::int32_t tickers) {
  int ends[2];
  if (pipe(ends) != 0)
    return;
  auto child = fork();
  if (child == 0)
    serve_nodes(ends[0], nodes);
  spdlog::set_level(spdlog::level::warn);
  config cfg;
  caf::actor_system system{cfg};
  coordinator_options options;
  options.term = 1;
  options.shards.resize(static_cast<size_t>(shards));
  for (auto i = 0; i < tickers; ++i)
    options.tickers.push_back({"T" + std::to_string(i), 60});
  auto quota = system.spawn(no_quota);
  auto master = system.spawn(coordinator, quota, std::move(options));
  auto port = system.middleman().publish(master, 0, "127.0.0.1");
  if (!port || write(ends[1], &*port, sizeof(*port)) < 0) {
    std::fprintf(stderr, "cannot listen on loopback\n");
  } else {
    auto before = cpu_s();
    std::this_thread::sleep_for(8s);
    std::printf("all nodes join, all shards are given out: %.2f s of CPU\n",
                cpu_s() - before);
    before = cpu_s();
    auto begin = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(10s);
    auto wall =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin);
    auto used = cpu_s() - before;
    std::printf("master with %d nodes that beat: %.1f %% of a core, %.0f us a "
                "beat, %.0f MB\n",
                nodes, 100 * used / wall.count(),
                1e6 * used / (wall.count() * 2 * nodes), resident_mb());
    size_t alive = 0;
    size_t owned = 0;
    caf::scoped_actor self{system};
    self->request(master, 5s, status_atom_v)
        .receive(
            [&](const cluster_status& x) {
              for (auto& y : x.nodes)
                alive += y.alive;
              for (auto& y : x.shards)
                owned += !y.owner.empty();
            },
            [](caf::error&) {});
    std::printf("of these %zu are alive, %zu shards are served\n", alive,
                owned);
  }
  spdlog::set_level(spdlog::level::off); // each node would be a line
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  caf::anon_send_exit(master, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(quota, caf::exit_reason::user_shutdown);
}

} // namespace tickerflow
