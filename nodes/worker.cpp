#include "nodes/worker.hpp"

#include "actors/introspector.hpp"
#include "actors/kafka_bridge.hpp"
#include "actors/node_introspection.hpp"
#include "actors/node_supervisor.hpp"
#include "actors/postgres_writer.hpp"
#include "io/settings/flags.hpp"
#include "io/settings/machine_defaults.hpp"
#include "nodes/fetching.hpp"
#include "nodes/monitoring.hpp"
#include "nodes/node_link.hpp"
#include "nodes/process.hpp"
#include "nodes/read_settings.hpp"
#include "nodes/verbs.hpp"
#include "nodes/watched_actor.hpp"

#include <CLI/CLI.hpp>
#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <spdlog/spdlog.h>

#include <atomic>
#include <malloc.h>
#include <memory>
#include <unistd.h>

namespace tickerflow {

namespace {

kafka_bridge_options bridge_options(const settings& x) {
  kafka_bridge_options result;
  result.reader.kafka = kafka_options_of(x);
  result.reader.topic = x.kafka.topic_raw;
  return result;
}

node_supervisor_options supervisor_options(const settings& x, fetching& api,
                                           const node_link& link) {
  node_supervisor_options result;
  result.node.name = x.cluster.node;
  result.node.host = host_name();
  result.node.pid = ::getpid();
  result.node.weight = x.cluster.weight;
  result.node.started_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(
          std::chrono::system_clock::now().time_since_epoch())
          .count();
  for (auto& master : x.cluster.masters)
    result.masters.push_back({master.host, master.port});
  result.master_dead_after = x.cluster.dead_after;
  result.connector = link.connector();
  result.beat_interval = x.cluster.beat_interval;
  result.aggregator.topics = {x.kafka.topic_raw, x.kafka.topic_processed,
                              x.kafka.topic_dead_letters};
  result.aggregator.batch_max_bars = static_cast<size_t>(x.batch.max_bars);
  result.aggregator.linger = x.batch.linger;
  result.make_fetcher = api.factory();
  result.neighbours = api.neighbours();
  return result;
}

template <class Spawn>
neighbour supervised(std::string kind, Spawn spawn) {
  neighbour result;
  result.kind = std::move(kind);
  result.make = [spawn] {
    return caf::actor_cast<caf::strong_actor_ptr>(spawn());
  };
  result.handle = result.make();
  return result;
}

node_actor spawn_supervisor(caf::actor_system& system, const settings& x,
                            fetching& api, const node_link& link,
                            const introspector_actor& introspects,
                            std::shared_ptr<std::atomic<int>> gave_up) {
  auto options = supervisor_options(x, api, link);
  auto bridge = supervised("kafka_bridge", [&system, y = bridge_options(x)] {
    return system.spawn<caf::detached>(kafka_bridge, y);
  });
  auto writer = supervised("postgres_writer", [&system, y = x.postgres.dsn] {
    return system.spawn<caf::detached>(postgres_writer, y);
  });
  auto first_writer = caf::actor_cast<postgres_writer_actor>(writer.handle);
  auto first_bridge = caf::actor_cast<kafka_bridge_actor>(bridge.handle);
  options.neighbours.push_back(std::move(bridge));
  options.neighbours.push_back(std::move(writer));
  options.introspector = introspects;
  options.gives_up = [gave_up](const caf::error& reason) {
    exit_within(orderly_stop_limit);
    *gave_up = reason == errc::bad_setting ? exit_usage : exit_failed;
  };
  return system.spawn(node_supervisor, std::move(first_writer),
                      std::move(first_bridge), std::move(options));
}

} // namespace

int serve_worker(const settings& x) {
  node_config config{x};
  caf::actor_system system{config};
  // Batches are made on one thread and freed on another: with glibc's default
  // of an arena for each thread that memory is held several times.
  mallopt(M_ARENA_MAX, 2);
  int result = exit_ok;
  fetching api{system, x};
  auto gave_up = std::make_shared<std::atomic<int>>(exit_ok);
  node_link link{system};
  {
    caf::scoped_actor self{system};
    auto introspects = system.spawn<caf::detached>(
        introspector, std::make_shared<node_introspection>(x.cluster.node));
    auto supervisor =
        spawn_supervisor(system, x, api, link, introspects, gave_up);
    watch_guard<node_report> watched{system, supervisor};
    self->monitor(supervisor);
    spdlog::info("event=worker_started node={} master={} weight={}",
                 x.cluster.node, to_string(x.cluster.masters.front()),
                 x.cluster.weight);
    bool running = true;
    while (running && *gave_up == exit_ok
           && !stop_requested(std::chrono::milliseconds{200}))
      self->receive(
          [&](const caf::down_msg& down) {
            spdlog::error("event=worker_failed reason=\"{}\" hint=\"the "
                          "supervisor itself failed; the process ends\"",
                          text_of(down.reason));
            result = exit_failed;
            running = false;
          },
          caf::after(std::chrono::milliseconds{0}) >>
              [] {
                // Nothing died: go on waiting.
              });
    spdlog::info("event=worker_stopping node={}", x.cluster.node);
    if (running)
      self->request(supervisor, std::chrono::seconds{9}, leave_atom_v)
          .receive([](bool) { spdlog::info("event=shards_handed_over"); },
                   [&](const caf::error& reason) {
                     spdlog::warn("event=shards_not_handed_over reason=\"{}\" "
                                  "hint=\"the master gives them to others\"",
                                  system.render(reason));
                   });
    // Its neighbours end with it; it uses what this function holds.
    self->send_exit(supervisor, caf::exit_reason::user_shutdown);
    self->wait_for(supervisor);
    self->send_exit(introspects, caf::exit_reason::user_shutdown);
  }
  return *gave_up != exit_ok ? gave_up->load() : result;
}

namespace {

struct worker_command {
  flag_values flags;

  int run() const {
    watch_stop_signals(orderly_stop_limit);
    auto x = read_settings(flags);
    if (!x)
      return exit_usage;
    auto monitor = start_monitoring(*x, {true, false});
    return monitor ? serve_worker(*x) : exit_failed;
  }
};

} // namespace

void add_worker(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "worker", "Join a master and serve the shards that it assigns");
  verb->group("Nodes");
  auto command = std::make_shared<worker_command>();
  add_setting_flags(*verb, command->flags, verb_kind::worker);
  verb->callback([command, &exit_code] { exit_code = command->run(); });
}

} // namespace tickerflow
