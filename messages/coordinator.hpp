#pragma once

#include "messages/introspector.hpp"
#include "messages/quota.hpp"
#include "messages/types.hpp"

#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

namespace tickerflow {

/// A worker as the coordinator sees it: its supervisor.
using node_actor = caf::typed_actor<
    // Serve this shard at this epoch.
    caf::reacts_to<assign_atom, shard_order>,
    // Write what is pending, stop the shard, confirm to the coordinator.
    caf::reacts_to<revoke_atom, shard_order>,
    // Connects, registers, beats.
    caf::reacts_to<link_atom>, caf::reacts_to<beat_atom>,
    // Hands over all shards, then answers and quits: orderly stop.
    caf::replies_to<leave_atom>::with<bool>,
    // An operator drains the node, or undoes it: remembered for the next
    // registration, with whatever master.
    caf::reacts_to<drain_atom, bool>,
    // A neighbour that failed has rested: start it anew.
    caf::reacts_to<restart_atom>,
    // All tickers that an operator has paused, whoever serves them: told at
    // registration and at each change.
    caf::reacts_to<pause_atom, std::vector<std::string>>,
    // Whom to ask about the actors of its process.
    caf::replies_to<introspect_atom>::with<introspector_actor>,
    // The whole report, tickers and queues included.
    caf::replies_to<status_atom>::with<node_report>>;

/// A worker that is registered, to be asked directly.
struct registered_node {
  std::string name;
  node_actor supervisor;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, registered_node& x) {
  return f(caf::meta::type_name("registered_node"), x.name, x.supervisor);
}

/// Decides which node serves which shard at which epoch; lives on the master.
using coordinator_actor = caf::typed_actor<
    // A worker joins, or returns after a lost connection with what it serves;
    // answers the term and the quota.
    caf::replies_to<register_atom, node_spec, node_report,
                    node_actor>::with<std::int64_t, quota_actor>,
    caf::replies_to<beat_atom, node_report>::with<beat_answer>,
    // A shard was handed over in order: its next owner may be named.
    caf::reacts_to<revoked_atom, shard_loss>,
    // A shard ended without an order: fenced or failed.
    caf::reacts_to<lost_atom, shard_loss>,
    // The node wants to stop: its shards are moved, `true` when it has none.
    caf::replies_to<leave_atom, std::string>::with<bool>,
    // Empties a node for maintenance, or undoes it; answers how many shards it
    // still serves, `bad_request` if there is no such node.
    caf::replies_to<drain_atom, std::string, bool>::with<std::int32_t>,
    // Moves shards to where rendezvous hashing alone would put them, or only
    // says what a change would move.
    caf::replies_to<rebalance_atom,
                    move_question>::with<std::vector<planned_move>>,
    // Workers that are registered and not dead, by name.
    caf::replies_to<nodes_atom>::with<std::vector<registered_node>>,
    // Moves and fences since this master leads.
    caf::replies_to<moves_atom>::with<move_log>,
    // Pauses or resumes the fetching of a ticker, across restarts; answers
    // whether it is paused now, `bad_request` if there is no such ticker,
    // `unavailable` if the database cannot take it.
    caf::replies_to<pause_atom, std::string, bool>::with<bool>,
    // The masters, as last read from the database.
    caf::reacts_to<masters_atom, std::vector<master_status>>,
    // Looks for dead nodes and shards without an owner.
    caf::reacts_to<tick_atom>,
    caf::replies_to<status_atom>::with<cluster_status>>;

} // namespace tickerflow

// Typed handles that travel inside messages between nodes.
CAF_BEGIN_TYPE_ID_BLOCK(tickerflow_handles, caf::id_block::tickerflow::end)

CAF_ADD_TYPE_ID(tickerflow_handles, (tickerflow::node_actor))
CAF_ADD_TYPE_ID(tickerflow_handles, (tickerflow::quota_actor))
CAF_ADD_TYPE_ID(tickerflow_handles, (tickerflow::introspector_actor))
CAF_ADD_TYPE_ID(tickerflow_handles, (tickerflow::registered_node))
CAF_ADD_TYPE_ID(tickerflow_handles, (std::vector<tickerflow::registered_node>))

CAF_END_TYPE_ID_BLOCK(tickerflow_handles)
