#include "actors/node_facts.hpp"
#include "io/kafka/topics.hpp"
#include "io/postgres/leadership.hpp"
#include "io/postgres/migrations.hpp"
#include "io/postgres/registry.hpp"
#include "io/settings/flags.hpp"
#include "nodes/console/console.hpp"
#include "nodes/leading.hpp"
#include "nodes/monitoring.hpp"
#include "nodes/node_link.hpp"
#include "nodes/process.hpp"
#include "nodes/read_settings.hpp"
#include "nodes/verbs.hpp"
#include "nodes/worker.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

#include <atomic>
#include <iostream>
#include <memory>
#include <thread>

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

/// Topics and schema, which are needed before anything else; what a standby
/// does as well, for it has to see who leads.
caf::expected<pipeline_source> make_source(const settings& x) {
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
  return source;
}

/// Of a master that does not come to lead. A server that is away is asked until
/// the process is to stop, so that is how such a wait has ended.
int exit_code_of(const caf::error& x) {
  return x == errc::unavailable || x == errc::refused ? exit_ok : exit_usage;
}

/// A master that fails again and again must not go on trying for ever.
constexpr int most_failures = 5;

/// Waits to lead, leads, and waits again when it lost.
/// @returns the exit code
/// @param console where this process' console is; empty: it has none
int run_master(const settings& x, bool patient, const std::string& console,
               const stop_wait& stop) {
  candidate self;
  self.console = console;
  self.node = x.cluster.node;
  self.address = advertised_address(x);
  self.hung_after = x.cluster.dead_after;
  // Once in a process: a later take-over must not read all again.
  auto reset = x.kafka.reset_offsets;
  auto hold = std::make_shared<leadership>(x.postgres.dsn, self);
  // Once: to take over, a standby must not need Kafka.
  auto source = make_source(x);
  if (!source)
    return exit_code_of(source.error());
  node_facts::instance().waits_to_lead = true;
  for (int failures = 0; failures < most_failures; ++failures) {
    if (!wait_to_lead(*hold, patient, stop))
      return exit_ok;
    source->reset_offsets = reset;
    auto start = retry_until_done<pipeline_start>("postgres", [&] {
      return prepare_pipeline(x.postgres.dsn, *source, tickers_of(x));
    });
    if (!start)
      return exit_code_of(start.error());
    reset = false;
    auto began = std::chrono::steady_clock::now();
    auto end = lead(x, hold, *start, stop);
    hold->resign();
    if (end == leading_end::stopped) {
      spdlog::info("event=master_stopped");
      return exit_ok;
    }
    if (end == leading_end::failed)
      return exit_failed;
    if (std::chrono::steady_clock::now() - began > std::chrono::minutes{1})
      failures = -1; // it led for a while: its tries are earned back
    patient = false;
  }
  spdlog::error("event=master_gives_up failures={} hint=\"see the errors "
                "above\"",
                most_failures);
  return exit_failed;
}

struct master_command {
  flag_values flags;
  bool with_worker = false;
  bool standby = false;

  int run() const {
    watch_stop_signals(orderly_stop_limit);
    auto x = read_settings(flags);
    if (!x)
      return exit_usage;
    if (auto fault = listen_fault(*x)) {
      std::cerr << *fault << '\n';
      return exit_usage;
    }
    auto monitor = start_monitoring(*x, {with_worker, true});
    if (!monitor)
      return exit_failed;
    auto web = console::start_console(*x, *monitor);
    if (!web)
      return exit_failed;
    return with_worker ? run_both(*x, web->url())
                       : run_master(*x, standby, web->url(), stop_requested);
  }

  /// The worker has an actor system of its own: it goes on when this master
  /// loses the lead, and serves whoever has it.
  int run_both(const settings& x, const std::string& console) const {
    auto own = x;
    auto& host = x.cluster.listen.host;
    auto every = host == "0.0.0.0" || host == "::";
    own.cluster.masters.insert(
        own.cluster.masters.begin(),
        {every ? "127.0.0.1" : host, x.cluster.listen.port});
    // The master outlives the worker, for it takes back its shards.
    std::atomic<bool> worker_done{false};
    auto result = exit_ok;
    std::thread master{[&] {
      result = run_master(
          x, standby, console, [&](std::chrono::milliseconds wait) {
            if (!stop_requested(wait))
              return false;
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
            return worker_done.load();
          });
      request_stop();
    }};
    auto code = serve_worker(own);
    worker_done = true;
    request_stop();
    master.join();
    return code != exit_ok ? code : result;
  }
};

} // namespace

void add_master(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "master", "Lead a cluster: hand out shards, watch workers, keep the API "
                "key's budget");
  verb->group("Nodes");
  auto command = std::make_shared<master_command>();
  verb->add_flag("--standby", command->standby,
                 "let another master lead first; take over when it is lost");
  verb->add_flag("--with-worker", command->with_worker,
                 "serve shards in this process as well");
  add_setting_flags(*verb, command->flags, verb_kind::master);
  verb->callback([command, &exit_code] { exit_code = command->run(); });
}

} // namespace tickerflow
