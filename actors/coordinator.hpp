#pragma once

#include "actors/move_history.hpp"
#include "actors/observed.hpp"
#include "actors/shard_table.hpp"
#include "messages/coordinator.hpp"
#include "messages/ticker_keeper.hpp"

#include <map>
#include <set>

namespace tickerflow {

/// What the coordinator is started with.
struct coordinator_options {
  std::int64_t term = 0;            // above that of every master before
  std::vector<stored_shard> shards; // by number
  std::vector<ticker_spec> tickers;
  std::vector<std::string> paused; // of the tickers, by an operator
  ticker_keeper_actor keeper;      // stores who is paused; null: nobody can be
  shard_table::limits limits;
  std::chrono::milliseconds tick{100};
  std::string version;
};

/// A worker as the coordinator knows it.
struct known_node {
  node_actor supervisor;
  bool drained = false;
  node_report report;            // of the newest beat, shards without tickers
  node_report full;              // of the last status, with tickers and queues
  shard_table::time full_since{}; // when it came; epoch: never
};

struct coordinator_state {
  static constexpr const char* name = "coordinator";

  explicit coordinator_state(coordinator_actor::pointer selfptr)
      : self(selfptr) {}

  void start(quota_actor budget, coordinator_options x);
  caf::result<std::int64_t, quota_actor>
  enroll(const node_spec& node, const node_report& held,
         const node_actor& supervisor);
  beat_answer beat(const node_report& x);
  void act();
  void tick();
  bool sent_by(const std::string& node) const;
  void order(const shard_table::order& x);
  void forget(const std::string& node);
  void node_down(const caf::actor_addr& source);
  caf::result<std::int32_t> drain(const std::string& node, bool on);
  caf::result<std::vector<planned_move>> rebalance(const move_question& x);

  // What an operator asks for: coordinator_operator.cpp.
  void note_assigned(const shard_table::order& x);
  void note_owners();
  void note_lost(const shard_loss& x);
  std::vector<registered_node> registered() const;
  bool has_ticker(const std::string& symbol) const;
  caf::result<bool> pause(const std::string& symbol, bool on);
  void tell_paused(const known_node& x) const;
  void tell(state_page& out) const;

  // The status asks every node, and answers when all have, or a second later.
  caf::result<cluster_status> ask_status();
  void ask_nodes();
  void answered();
  cluster_status status() const;

  coordinator_actor::pointer self;
  quota_actor quota;
  coordinator_options options;
  shard_table table;
  std::vector<std::vector<ticker_spec>> tickers; // by shard
  std::map<std::string, known_node> nodes;       // registered and not dead
  std::set<std::string> paused;                  // tickers
  move_history history;
  std::vector<master_status> masters;
  budget_status budget;
  shard_table::time started;

  std::vector<caf::typed_response_promise<cluster_status>> asked;
  size_t awaited = 0;                // answers still to come
  shard_table::time asked_nodes_at{}; // the answers of then are still good
};

/// Decides who serves which shard: sends what `shard_table` decides, watches
/// workers by beats and monitors.
coordinator_actor::behavior_type
coordinator(observed_pointer<coordinator_actor, coordinator_state> self,
            quota_actor quota, coordinator_options options);

} // namespace tickerflow
