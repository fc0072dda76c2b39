#pragma once

#include "messages/budget.hpp"
#include "messages/cluster.hpp"
#include "messages/errc.hpp"
#include "messages/fetch.hpp"
#include "messages/introspection.hpp"
#include "messages/outgoing.hpp"
#include "messages/records.hpp"
#include "messages/shard_write.hpp"

#include <caf/atom.hpp>
#include <caf/fwd.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

// Append only: an id is a position, and both ends of a connection must agree.
CAF_BEGIN_TYPE_ID_BLOCK(tickerflow, first_custom_type_id)

// What crosses nodes: control only, never bars.
CAF_ADD_TYPE_ID(tickerflow, (tickerflow::api_permit))
CAF_ADD_TYPE_ID(tickerflow, (tickerflow::api_refusal))
CAF_ADD_TYPE_ID(tickerflow, (tickerflow::budget_status))
CAF_ADD_TYPE_ID(tickerflow, (tickerflow::cluster_status))
CAF_ADD_TYPE_ID(tickerflow, (tickerflow::errc))
CAF_ADD_TYPE_ID(tickerflow, (tickerflow::node_report))
CAF_ADD_TYPE_ID(tickerflow, (tickerflow::node_spec))
CAF_ADD_TYPE_ID(tickerflow, (tickerflow::node_status))
CAF_ADD_TYPE_ID(tickerflow, (tickerflow::shard_loss))
CAF_ADD_TYPE_ID(tickerflow, (tickerflow::shard_order))
CAF_ADD_TYPE_ID(tickerflow, (tickerflow::shard_report))
CAF_ADD_TYPE_ID(tickerflow, (tickerflow::shard_status))
CAF_ADD_TYPE_ID(tickerflow, (tickerflow::ticker_report))
CAF_ADD_TYPE_ID(tickerflow, (tickerflow::ticker_spec))
CAF_ADD_TYPE_ID(tickerflow, (tickerflow::beat_answer))
CAF_ADD_TYPE_ID(tickerflow, (tickerflow::master_status))
CAF_ADD_TYPE_ID(tickerflow, (tickerflow::move_question))
CAF_ADD_TYPE_ID(tickerflow, (tickerflow::planned_move))
CAF_ADD_TYPE_ID(tickerflow, (tickerflow::queue_report))
CAF_ADD_TYPE_ID(tickerflow, (std::vector<tickerflow::master_status>))
CAF_ADD_TYPE_ID(tickerflow, (std::vector<tickerflow::planned_move>))

CAF_ADD_ATOM(tickerflow, tickerflow, acquire_atom, "acquire")
CAF_ADD_ATOM(tickerflow, tickerflow, assign_atom, "assign")
CAF_ADD_ATOM(tickerflow, tickerflow, beat_atom, "beat")
CAF_ADD_ATOM(tickerflow, tickerflow, claim_atom, "claim")
CAF_ADD_ATOM(tickerflow, tickerflow, close_feed_atom, "closefeed")
CAF_ADD_ATOM(tickerflow, tickerflow, fetch_atom, "fetch")
CAF_ADD_ATOM(tickerflow, tickerflow, flush_atom, "flush")
CAF_ADD_ATOM(tickerflow, tickerflow, grant_atom, "grant")
CAF_ADD_ATOM(tickerflow, tickerflow, leave_atom, "leave")
CAF_ADD_ATOM(tickerflow, tickerflow, link_atom, "link")
CAF_ADD_ATOM(tickerflow, tickerflow, load_atom, "load")
CAF_ADD_ATOM(tickerflow, tickerflow, lost_atom, "lost")
CAF_ADD_ATOM(tickerflow, tickerflow, open_feed_atom, "openfeed")
CAF_ADD_ATOM(tickerflow, tickerflow, poll_atom, "poll")
CAF_ADD_ATOM(tickerflow, tickerflow, pressure_atom, "pressure")
CAF_ADD_ATOM(tickerflow, tickerflow, publish_atom, "publish")
CAF_ADD_ATOM(tickerflow, tickerflow, records_atom, "records")
CAF_ADD_ATOM(tickerflow, tickerflow, refused_atom, "refused")
CAF_ADD_ATOM(tickerflow, tickerflow, register_atom, "register")
CAF_ADD_ATOM(tickerflow, tickerflow, revoke_atom, "revoke")
CAF_ADD_ATOM(tickerflow, tickerflow, revoked_atom, "revoked")
CAF_ADD_ATOM(tickerflow, tickerflow, status_atom, "status")
CAF_ADD_ATOM(tickerflow, tickerflow, tick_atom, "tick")
CAF_ADD_ATOM(tickerflow, tickerflow, write_atom, "write")
CAF_ADD_ATOM(tickerflow, tickerflow, drain_atom, "drain")
CAF_ADD_ATOM(tickerflow, tickerflow, failure_atom, "failure")
CAF_ADD_ATOM(tickerflow, tickerflow, masters_atom, "masters")
CAF_ADD_ATOM(tickerflow, tickerflow, rebalance_atom, "rebalance")
CAF_ADD_ATOM(tickerflow, tickerflow, restart_atom, "restart")

CAF_ADD_TYPE_ID(tickerflow, (tickerflow::actor_detail))
CAF_ADD_TYPE_ID(tickerflow, (tickerflow::log_page))
CAF_ADD_TYPE_ID(tickerflow, (tickerflow::move_log))
CAF_ADD_TYPE_ID(tickerflow, (tickerflow::node_snapshot))
CAF_ADD_ATOM(tickerflow, tickerflow, inspect_atom, "inspect")
CAF_ADD_ATOM(tickerflow, tickerflow, introspect_atom, "introspect")
CAF_ADD_ATOM(tickerflow, tickerflow, logs_atom, "logs")
CAF_ADD_ATOM(tickerflow, tickerflow, moves_atom, "moves")
CAF_ADD_ATOM(tickerflow, tickerflow, nodes_atom, "nodes")
CAF_ADD_ATOM(tickerflow, tickerflow, pause_atom, "pause")
CAF_ADD_ATOM(tickerflow, tickerflow, snapshot_atom, "snapshot")

CAF_END_TYPE_ID_BLOCK(tickerflow)

// Shared, immutable, local: large data moves by pointer and never crosses BASP.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tickerflow::intraday_answer_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tickerflow::intraday_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tickerflow::outgoing_batch_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tickerflow::record_batch_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tickerflow::record_failure)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tickerflow::shard_claim)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tickerflow::day_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tickerflow::shard_state_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tickerflow::stored_days_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tickerflow::shard_write_ptr)
