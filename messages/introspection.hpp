#pragma once

// What a node tells of its own process: plain structs. The actor that answers
// is in messages/introspector.hpp.

#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tickerflow {

using actor_labels = std::vector<std::pair<std::string, std::string>>;

/// Upper ends of the buckets of `actor_snapshot::handled_within`; one more
/// bucket holds what took longer.
constexpr std::int64_t handling_bounds_us[] = {
    10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000};

/// One actor that lives. Counters only rise; whoever wants rates subtracts two
/// snapshots. Instants are Unix milliseconds by the clock of its node.
struct actor_snapshot {
  std::uint64_t serial = 0;     // unique in its process, never used again
  std::uint64_t id = 0;         // CAF's, unique in its actor system
  std::uint32_t system = 0;     // index into `node_snapshot::systems`
  std::string kind;             // "aggregator"
  actor_labels labels;          // {"shard", "3"}
  std::uint64_t supervisor = 0; // serial of who started it; 0: no actor
  std::int64_t started_ms = 0;
  std::uint64_t mailbox = 0; // messages that wait
  std::uint64_t mailbox_highest = 0;
  std::uint64_t received = 0;
  std::uint64_t handled = 0;
  /// To actors of its process, counted only while flow is wanted.
  std::uint64_t sent = 0;
  std::int64_t busy_ns = 0;     // handling messages, altogether
  std::int64_t handling_ms = 0; // the present message, rounded up; 0: idle
  std::vector<std::uint64_t> handled_within; // not cumulative
  /// Of those with the same kind and labels, since the process started.
  std::uint64_t restarts = 0;
  std::int64_t last_death_ms = 0; // 0: none died
  std::string last_death_reason;
};

/// An actor that failed, was fenced, or was ended by an operator.
struct actor_death {
  std::uint64_t serial = 0;
  std::string kind;
  actor_labels labels;
  std::int64_t started_ms = 0;
  std::int64_t at_ms = 0;
  std::string reason;
};

/// Messages from one actor to another, since flow was first wanted.
struct flow_edge {
  std::uint64_t from = 0; // serial; 0: see `from_name`
  /// Who is no actor of this process's board: "SYSTEM/ID" of an actor of
  /// another process (see `node_snapshot::systems`), "(thread)" for a thread of
  /// this one, "(nobody)" for a message without a sender.
  std::string from_name;
  std::uint64_t to = 0; // serial
  std::uint64_t messages = 0;
};

/// The actors of one process, answered from a cache.
struct node_snapshot {
  std::string node;
  std::string host;
  std::int32_t pid = 0;
  std::int64_t started_ms = 0;
  std::int64_t now_ms = 0;       // its clock when the counters were read
  std::int64_t age_ms = 0;       // of the counters when this was answered
  std::int64_t memory_bytes = 0; // resident
  std::int64_t cpu_ms = 0;       // used since the process started
  /// Names of its actor systems as other processes see them.
  std::vector<std::string> systems;
  std::vector<actor_snapshot> actors; // by serial
  std::vector<actor_death> deaths;    // newest first, at most 200
  std::vector<flow_edge> edges;       // empty unless asked for
};

/// A message that an actor was watched handling.
struct handled_message {
  std::int64_t at_ms = 0;
  std::string type;       // "publish, outgoing_batch"
  std::uint64_t from = 0; // serial; 0: see `from_name`
  std::string from_name;
  std::int64_t took_ns = 0;
};

/// A link or a monitor.
struct actor_relation {
  std::string relation;     // link, monitors, monitored_by
  std::uint64_t serial = 0; // 0: not an actor of this process's board
  std::string name;
};

/// Who sends to an actor.
struct message_sender {
  std::uint64_t serial = 0; // 0: see `name`
  std::string name;
  std::uint64_t messages = 0; // since it is looked at
};

/// One actor, looked at closely for some seconds after each question.
struct actor_detail {
  actor_snapshot actor;
  std::string state_json;         // an object; empty: it has not told it yet
  std::int64_t state_age_ms = -1; // -1: not told yet
  std::string handling_type; // of the present message; empty: idle or not known
  std::int64_t handling_ms = 0;
  std::vector<handled_message> messages; // newest first
  std::vector<actor_relation> relations;
  std::vector<message_sender> senders; // most messages first
  bool can_restart = false;
};

struct log_row {
  std::uint64_t sequence = 0;
  std::int64_t at_ms = 0;
  std::string level;       // trace, debug, info, warning, error
  std::uint64_t actor = 0; // serial of who logged it; 0: no actor
  std::string text;        // redacted, one line
};

/// Log lines after a given sequence, oldest first.
struct log_page {
  std::uint64_t next = 0; // to be asked for the next time
  std::vector<log_row> lines;
};

/// A shard got another owner, or lost the one it had.
struct shard_move {
  std::int64_t at_ms = 0;
  std::int32_t shard = 0;
  std::string from; // empty: nobody served it
  std::string to;   // empty: nobody can
  std::int64_t epoch = 0;
  std::string reason;
};

/// A worker met a newer epoch than its own in the database and stopped.
struct shard_fence {
  std::int64_t at_ms = 0;
  std::string node;
  std::int32_t shard = 0;
  std::int64_t epoch = 0;
  std::int64_t seen_epoch = 0; // 0: not known
  std::string reason;
};

/// What happened to shards since this master leads; newest first, bounded.
struct move_log {
  std::vector<shard_move> moves;
  std::vector<shard_fence> fences;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, actor_snapshot& x) {
  return f(caf::meta::type_name("actor_snapshot"), x.serial, x.id, x.system,
           x.kind, x.labels, x.supervisor, x.started_ms, x.mailbox,
           x.mailbox_highest, x.received, x.handled, x.sent, x.busy_ns,
           x.handling_ms, x.handled_within, x.restarts, x.last_death_ms,
           x.last_death_reason);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, actor_death& x) {
  return f(caf::meta::type_name("actor_death"), x.serial, x.kind, x.labels,
           x.started_ms, x.at_ms, x.reason);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, flow_edge& x) {
  return f(caf::meta::type_name("flow_edge"), x.from, x.from_name, x.to,
           x.messages);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, node_snapshot& x) {
  return f(caf::meta::type_name("node_snapshot"), x.node, x.host, x.pid,
           x.started_ms, x.now_ms, x.age_ms, x.memory_bytes, x.cpu_ms,
           x.systems, x.actors, x.deaths, x.edges);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, handled_message& x) {
  return f(caf::meta::type_name("handled_message"), x.at_ms, x.type, x.from,
           x.from_name, x.took_ns);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, actor_relation& x) {
  return f(caf::meta::type_name("actor_relation"), x.relation, x.serial,
           x.name);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, message_sender& x) {
  return f(caf::meta::type_name("message_sender"), x.serial, x.name,
           x.messages);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, actor_detail& x) {
  return f(caf::meta::type_name("actor_detail"), x.actor, x.state_json,
           x.state_age_ms, x.handling_type, x.handling_ms, x.messages,
           x.relations, x.senders, x.can_restart);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, log_row& x) {
  return f(caf::meta::type_name("log_row"), x.sequence, x.at_ms, x.level,
           x.actor, x.text);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, log_page& x) {
  return f(caf::meta::type_name("log_page"), x.next, x.lines);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, shard_move& x) {
  return f(caf::meta::type_name("shard_move"), x.at_ms, x.shard, x.from, x.to,
           x.epoch, x.reason);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, shard_fence& x) {
  return f(caf::meta::type_name("shard_fence"), x.at_ms, x.node, x.shard,
           x.epoch, x.seen_epoch, x.reason);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, move_log& x) {
  return f(caf::meta::type_name("move_log"), x.moves, x.fences);
}

} // namespace tickerflow
