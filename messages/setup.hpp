#pragma once

#include <caf/actor_system_config.hpp>

#include <chrono>

namespace tickerflow {

/// Raised with each change of a message that crosses nodes: a struct goes over
/// the wire without tags, so nodes of different ones must not talk.
constexpr int node_protocol = 3;

/// What the name of the protocol begins with in a node's greeting; the number
/// follows.
constexpr const char* protocol_name = "tickerflow/";

/// Makes an actor system know our messages, and our errors by name.
void add_messages(caf::actor_system_config& cfg);

/// Sets what every node needs: heartbeats (off by default in CAF), fair
/// scheduling, our protocol's name so that others are refused.
void add_node_defaults(caf::actor_system_config& cfg,
                       std::chrono::milliseconds beat_interval,
                       std::chrono::milliseconds dead_after);

} // namespace tickerflow
