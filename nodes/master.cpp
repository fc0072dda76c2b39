#include "actors/coordinator.hpp"
#include "io/kafka/topics.hpp"
#include "io/postgres/migrations.hpp"
#include "io/postgres/registry.hpp"
#include "io/settings/flags.hpp"
#include "nodes/fetching.hpp"
#include "nodes/process.hpp"
#include "nodes/read_settings.hpp"
#include "nodes/verbs.hpp"
#include "nodes/worker.hpp"

#include <CLI/CLI.hpp>
#include <caf/io/all.hpp>
#include <spdlog/spdlog.h>

#include <memory>

namespace tickerflow {

namespace {

/// Records must outlive the longest outage of PostgreSQL: a week, not Kafka's
/// default by chance.
const std::vector<std::pair<std::string, std::string>> raw_topic_settings{
    {"retention.ms", "604800000"},
    {"max.message.bytes", "2097152"},
};

caf::expected<kafka_facts> make_topics(const settings& x) {
  auto shards = static_cast<std::int32_t>(x.kafka.shards);
  auto copies = static_cast<std::int32_t>(x.kafka.replication);
  return ensure_topics(kafka_options_of(x),
                       {{x.kafka.topic_raw, shards, copies, raw_topic_settings},
                        {x.kafka.topic_processed, shards, copies, {}},
                        {x.kafka.topic_alerts, 1, copies, {}},
                        {x.kafka.topic_dead_letters,
                         1,
                         copies,
                         {{"max.message.bytes", "2621440"}}}},
                       std::chrono::seconds{5});
}

/// What the master needs before it can hand out shards.
caf::expected<pipeline_start> prepare(const settings& x) {
  auto topics =
      retry_until_done<kafka_facts>("kafka", [&] { return make_topics(x); });
  if (!topics)
    return topics.error();
  for (auto& topic : topics->topics)
    if (topic.created)
      spdlog::info("event=topic_made topic={} partitions={}", topic.name,
                   topic.partitions);
  auto applied = retry_until_done<int>("postgres",
                                       [&] { return migrate(x.postgres.dsn); });
  if (!applied)
    return applied.error();
  spdlog::info("event=schema_ready migrations_applied={}", *applied);
  pipeline_source source;
  source.topic = x.kafka.topic_raw;
  source.cluster_id = topics->cluster_id;
  source.shards = topics->topics.front().partitions;
  source.reset_offsets = x.kafka.reset_offsets;
  return retry_until_done<pipeline_start>("postgres", [&] {
    return prepare_pipeline(x.postgres.dsn, source, tickers_of(x));
  });
}

struct master_command {
  flag_values flags;
  bool with_worker = false;

  int run() const {
    block_stop_signals();
    auto x = read_settings(flags);
    if (!x)
      return exit_usage;
    auto start = prepare(*x);
    if (!start)
      return start.error() == errc::unavailable
                     || start.error() == errc::refused
                 ? exit_failed
                 : exit_usage;
    return lead(*x, *start);
  }

  int lead(const settings& x, const pipeline_start& start) const {
    node_config config{x};
    caf::actor_system system{config};
    coordinator_options options;
    options.term = start.term;
    options.epochs = start.epochs;
    options.tickers = tickers_of(x);
    options.limits.suspect_after = x.cluster.suspect_after;
    options.limits.dead_after = x.cluster.dead_after;
    options.version = TICKERFLOW_VERSION;
    auto quota = spawn_quota(system, x);
    auto leader = system.spawn(coordinator, quota, options);
    auto stop = [&] {
      exit_within(std::chrono::seconds{10});
      caf::anon_send_exit(leader, caf::exit_reason::user_shutdown);
      caf::anon_send_exit(quota, caf::exit_reason::user_shutdown);
      quota = nullptr; // a detached actor's handle must not outlive the system
      leader = nullptr;
    };
    auto port = system.middleman().publish(leader, x.cluster.listen.port,
                                           x.cluster.listen.host.c_str(), true);
    if (!port) {
      spdlog::error("event=listen_failed address={} reason=\"{}\" hint=\"is "
                    "another master running there? give another --listen\"",
                    to_string(x.cluster.listen), system.render(port.error()));
      stop();
      return exit_failed;
    }
    spdlog::info("event=master_started address={}:{} term={} shards={} "
                 "tickers={}",
                 x.cluster.listen.host, *port, start.term, start.epochs.size(),
                 x.tickers.size());
    int result = exit_ok;
    if (with_worker) {
      auto own = x;
      own.cluster.master = {"127.0.0.1", *port};
      result = serve_worker(system, own);
    } else {
      while (!stop_requested(std::chrono::seconds{1}))
        ;
    }
    spdlog::info("event=master_stopping");
    system.middleman().unpublish(leader, *port);
    stop();
    return result;
  }
};

} // namespace

void add_master(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "master", "Lead a cluster: hand out shards, watch workers, keep the API "
                "key's budget");
  verb->group("Nodes");
  auto command = std::make_shared<master_command>();
  verb->add_flag("--with-worker", command->with_worker,
                 "serve shards in this process as well");
  add_setting_flags(*verb, command->flags, verb_kind::master);
  verb->callback([command, &exit_code] { exit_code = command->run(); });
}

} // namespace tickerflow
