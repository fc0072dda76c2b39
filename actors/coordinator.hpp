#pragma once

#include "actors/shard_table.hpp"
#include "messages/coordinator.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <map>

namespace tickerflow {

/// What the coordinator is started with.
struct coordinator_options {
  std::int64_t term = 0;            // above that of every master before
  std::vector<std::int64_t> epochs; // stored, by shard
  std::vector<ticker_spec> tickers;
  shard_table::limits limits;
  std::chrono::milliseconds tick{100};
  std::string version;
};

struct coordinator_state {
  static constexpr const char* name = "coordinator";

  explicit coordinator_state(coordinator_actor::pointer selfptr)
      : self(selfptr) {}

  void start(quota_actor budget, coordinator_options x);
  void enroll(const node_spec& node, const node_report& held,
              const node_actor& supervisor);
  void act();
  void node_down(const caf::actor_addr& source);
  cluster_status status();

  coordinator_actor::pointer self;
  quota_actor quota;
  coordinator_options options;
  shard_table table{{}, {}};
  std::vector<std::vector<ticker_spec>> tickers; // by shard
  std::map<std::string, node_actor> supervisors; // by node
  std::map<std::string, node_report> reports;    // the newest of each node
  budget_status budget;
  shard_table::time started;
};

/// Decides who serves which shard: sends what `shard_table` decides, watches
/// workers by beats and monitors.
coordinator_actor::behavior_type
coordinator(coordinator_actor::stateful_pointer<coordinator_state> self,
            quota_actor quota, coordinator_options options);

} // namespace tickerflow
