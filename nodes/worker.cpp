#include "nodes/worker.hpp"

#include "actors/kafka_bridge.hpp"
#include "actors/node_supervisor.hpp"
#include "actors/postgres_writer.hpp"
#include "io/settings/flags.hpp"
#include "nodes/fetching.hpp"
#include "nodes/node_link.hpp"
#include "nodes/process.hpp"
#include "nodes/read_settings.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>
#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <spdlog/spdlog.h>

#include <malloc.h>
#include <memory>
#include <unistd.h>

namespace tickerflow {

namespace {

std::string host_name() {
  char text[256] = "localhost";
  ::gethostname(text, sizeof text - 1);
  return text;
}

kafka_bridge_options bridge_options(const settings& x) {
  kafka_bridge_options result;
  result.reader.kafka = kafka_options_of(x);
  result.reader.topic = x.kafka.topic_raw;
  return result;
}

node_supervisor_options supervisor_options(const settings& x,
                                           fetcher_factory make_fetcher,
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
  result.make_fetcher = std::move(make_fetcher);
  return result;
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
  node_link link{system};
  {
    auto bridge = system.spawn<caf::detached>(kafka_bridge, bridge_options(x));
    auto writer = system.spawn<caf::detached>(postgres_writer, x.postgres.dsn);
    auto supervisor = system.spawn(node_supervisor, writer, bridge,
                                   supervisor_options(x, api.factory(), link));
    caf::scoped_actor self{system};
    self->monitor(bridge);
    self->monitor(writer);
    spdlog::info("event=worker_started node={} master={} weight={}",
                 x.cluster.node, to_string(x.cluster.masters.front()),
                 x.cluster.weight);
    bool running = true;
    while (running && !stop_requested(std::chrono::milliseconds{200}))
      self->receive(
          [&](const caf::down_msg& down) {
            spdlog::error("event=worker_failed reason=\"{}\"",
                          text_of(down.reason));
            result = exit_usage;
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
    for (auto handle : {caf::actor_cast<caf::actor>(supervisor),
                        caf::actor_cast<caf::actor>(bridge),
                        caf::actor_cast<caf::actor>(writer)})
      self->send_exit(handle, caf::exit_reason::user_shutdown);
  }
  return result;
}

namespace {

struct worker_command {
  flag_values flags;

  int run() const {
    watch_stop_signals(orderly_stop_limit);
    auto x = read_settings(flags);
    return x ? serve_worker(*x) : exit_usage;
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
