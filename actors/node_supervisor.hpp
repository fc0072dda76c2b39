#pragma once

#include "actors/aggregator.hpp"
#include "actors/backoff.hpp"
#include "actors/neighbour.hpp"
#include "actors/observed.hpp"
#include "actors/order_gate.hpp"
#include "messages/coordinator.hpp"
#include "messages/fetcher.hpp"
#include "messages/link_connector.hpp"

#include <functional>
#include <map>
#include <set>

namespace tickerflow {

/// Makes the fetcher of a ticker whose newest stored bar starts at
/// `last_bar_s` (0: none); without an API to call: empty.
using fetcher_factory = std::function<fetcher_actor(
    const ticker_spec& ticker, std::int64_t last_bar_s,
    const quota_actor& quota, const kafka_bridge_actor& bridge)>;

/// Where a master listens when it leads.
struct master_address {
  std::string host;
  std::uint16_t port = 4711;
};

/// What a worker's supervisor is started with.
struct node_supervisor_options {
  node_spec node;
  std::vector<master_address> masters; // leading and waiting
  link_connector_actor connector;      // how they are reached
  aggregator_options aggregator; // shard, epoch and tickers are filled in
  fetcher_factory make_fetcher;
  introspector_actor introspector; // of this process; null: none
  /// Started again when they fail; writer and bridge among them.
  std::vector<neighbour> neighbours;
  /// Called once, with the reason, when an actor fails too often: the process
  /// has to leave in order and end.
  std::function<void(const caf::error&)> gives_up;
  std::chrono::milliseconds beat_interval{500};
  /// A master that does not answer beats for so long is looked for anew.
  std::chrono::milliseconds master_dead_after{4000};
  std::chrono::milliseconds connect_timeout{3000};
  std::chrono::milliseconds revoke_timeout{6000};
  /// Records that wait in a shard before its fetchers are held.
  std::int64_t pressure_lag = 20'000;
};

/// One shard that this node serves.
struct served_shard {
  shard_order order;
  aggregator_actor aggregator;
  shard_report report; // as last told by the aggregator
  bool asked = false;  // for a report, and no answer yet
  restart_policy restarts;
  std::optional<restart_policy::time> due; // it failed: when to start another
  std::map<std::string, fetcher_actor> fetchers;
  std::map<std::string, std::string> fetcher_states;
  std::set<std::string> fetchers_asked;
  /// Of fetchers that died: how often, and when the next one is started.
  std::map<std::string, int> fetcher_deaths;
  std::map<std::string, std::chrono::steady_clock::time_point> not_before;
  bool pressed = false;  // its fetchers are held
  bool revoking = false; // by order
};

struct node_supervisor_state {
  static constexpr const char* name = "node_supervisor";

  explicit node_supervisor_state(node_actor::pointer selfptr) : self(selfptr) {}

  /// Whom it supervises ends with it.
  ~node_supervisor_state();

  void link();
  void enroll(const coordinator_actor& found);
  void relink(const std::string& reason);
  void unlink(const std::string& reason);
  void assign(const shard_order& x);
  void revoke(const shard_order& x);
  void drop_shard(std::map<std::int32_t, served_shard>::iterator x);
  void end_shard(std::int32_t id);
  void confirm_revoked(const shard_order& x);
  void beat();
  void send_beat();
  void refresh(served_shard& x);
  void leave_step();
  node_report report() const;
  node_report beat_report() const;
  void tell(state_page& out) const;

  // Fetchers: node_fetchers.cpp.
  void supply(served_shard& x);
  void stop_fetchers(served_shard& x);
  void pause(const std::vector<std::string>& symbols);

  // Supervision: node_supervision.cpp.
  void start_aggregator(served_shard& x, isolation how);
  void aggregator_down(const caf::down_msg& x);
  void aggregator_failed(served_shard& x, const caf::error& reason);
  void lose_shard(std::int32_t id, const caf::error& reason);
  bool fetcher_down(const caf::down_msg& x);
  bool neighbour_down(const caf::down_msg& x);
  void restart(neighbour& x);
  void restart_due();
  void give_up(const std::string& actor, size_t restarts,
               const caf::error& reason);
  void note_sizes();
  void report_queues(node_report& out) const;

  node_actor::pointer self;
  postgres_writer_actor writer;
  kafka_bridge_actor bridge;
  node_supervisor_options options;
  coordinator_actor coordinator; // null: not connected
  quota_actor quota;
  size_t next_master = 0;   // in options.masters, to be tried next
  size_t tries_in_round = 0; // masters tried since the last wait
  bool enrolling = false;
  std::chrono::steady_clock::time_point answered{}; // the last beat
  bool beat_open = false; // no answer yet: one beat at a time
  order_gate gate; // terms and epochs: what to obey
  std::map<std::int32_t, served_shard> shards;
  backoff relink_wait{std::chrono::milliseconds{200}, std::chrono::seconds{3},
                      1};
  std::string round_reasons; // why none of them would do
  std::string told_reasons;  // as logged last; empty: no outage
  std::set<std::string> paused; // tickers, by an operator
  bool beating = false;
  bool leaving = false;
  bool gave_up = false;
  /// The most at one time since the process started: bounds of queues.
  size_t most_shards = 0;
  size_t most_fetchers = 0;
  caf::typed_response_promise<bool> left;
};

/// Joins the master, serves the shards that it assigns, and goes on serving
/// them while the master is away.
node_actor::behavior_type
node_supervisor(observed_pointer<node_actor, node_supervisor_state> self,
                postgres_writer_actor writer, kafka_bridge_actor bridge,
                node_supervisor_options options);

} // namespace tickerflow
