#pragma once

#include "messages/budget.hpp"

#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace tickerflow {

/// A ticker and the one interval in which its bars are stored.
struct ticker_spec {
  std::string symbol;
  std::int32_t interval_s = 60;
};

/// A worker introduces itself.
struct node_spec {
  std::string name; // unique; the same after a restart
  std::string host;
  std::int32_t pid = 0;
  std::int32_t weight = 1; // share of the shards; 0: none
  bool drained = false;    // by an operator: gets no shards until undone
  /// When the process started, Unix milliseconds: tells a restarted process
  /// from one that comes back.
  std::int64_t started_ms = 0;
};

/// The coordinator's word on one shard. Orders of an older term are ignored.
struct shard_order {
  std::int64_t term = 0;
  std::int32_t shard = 0;
  std::int64_t epoch = 0;
  std::vector<ticker_spec> tickers; // of this shard
};

/// A worker no longer serves a shard that it was given.
struct shard_loss {
  std::string node;
  std::int32_t shard = 0;
  std::int64_t epoch = 0;      // of the order that ended
  std::int64_t seen_epoch = 0; // stored in the database; 0 if not known
  bool fenced = false;
  std::string reason;
};

struct ticker_report {
  std::string symbol;
  std::int64_t last_bar_s = 0; // start of the newest stored bar; 0: none
  std::int64_t last_close_e4 = 0;
  std::int64_t bars = 0; // stored since the shard was opened
  std::string fetcher;   // what the fetcher does or waits for
  bool paused = false;   // by an operator
};

struct shard_report {
  std::int32_t shard = 0;
  std::int64_t epoch = 0;
  std::int64_t next_offset = 0;
  std::int64_t lag = 0; // records not yet stored
  std::int64_t bars = 0;
  std::int64_t corrections = 0;
  std::int64_t duplicates = 0;
  std::int64_t windows = 0;
  std::int64_t dead_letters = 0;
  std::string state; // opening, running, writing, retrying, revoking
  std::vector<ticker_report> tickers;
};

/// How full one bounded queue of a node is.
struct queue_report {
  std::string name;         // e.g. "mailbox postgres_writer", "kafka_producer"
  std::int64_t size = 0;    // now
  std::int64_t highest = 0; // since the process started
  std::int64_t bound = 0;   // it never gets above; 0: not known
};

/// A worker's beat. Tickers and queues are filled in only when somebody asks
/// for the report: 100,000 tickers twice a second would drown the master.
struct node_report {
  std::string name;
  std::vector<shard_report> shards;
  std::vector<queue_report> queues;
};

/// The coordinator's answer to a beat.
struct beat_answer {
  std::int64_t term = 0;
  /// False: the node was declared dead and has to register again.
  bool registered = false;
};

/// One shard that would move, or is about to.
struct planned_move {
  std::int32_t shard = 0;
  std::string from; // empty: nobody serves it
  std::string to;   // empty: nobody can
  std::string reason;
};

/// One shard as the database has it when a master begins to lead.
struct stored_shard {
  std::int64_t epoch = 0;
  std::string owner; // of that epoch; empty: nobody yet
};

/// What a change would do: `tickerflow rebalance --dry-run`.
struct move_question {
  /// False: nothing moves, the answer says what would.
  bool carry_out = false;
  /// Nodes assumed away, and nodes assumed to join.
  std::vector<std::string> without;
  std::vector<node_spec> with;
};

struct node_status {
  node_spec spec;
  bool alive = false;
  bool suspect = false;
  bool leaving = false;
  std::int64_t last_beat_ms = 0; // ago
  std::int32_t shards = 0;
  /// Age of its full report; -1: it has given none. A hung node's grows.
  std::int64_t report_age_ms = -1;
  std::vector<queue_report> queues;
};

struct shard_status {
  shard_report report;
  std::string owner; // empty: nobody
  std::string phase; // free, assigned, revoking
  std::int64_t phase_ms = 0;
  std::string reason; // why the owner was chosen, or why there is none
};

/// A master process, leading or waiting.
struct master_status {
  std::string name;
  std::string address;      // where it listens when it leads
  bool leading = false;
  std::int64_t seen_ms = 0; // since it last wrote its row in the database
};

/// What `tickerflow status` prints.
struct cluster_status {
  std::string version;
  std::int64_t term = 0;
  std::int64_t uptime_s = 0;
  std::vector<master_status> masters;
  std::vector<node_status> nodes;
  std::vector<shard_status> shards;
  budget_status budget;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, ticker_spec& x) {
  return f(caf::meta::type_name("ticker_spec"), x.symbol, x.interval_s);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, node_spec& x) {
  return f(caf::meta::type_name("node_spec"), x.name, x.host, x.pid, x.weight,
           x.drained, x.started_ms);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, shard_order& x) {
  return f(caf::meta::type_name("shard_order"), x.term, x.shard, x.epoch,
           x.tickers);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, shard_loss& x) {
  return f(caf::meta::type_name("shard_loss"), x.node, x.shard, x.epoch,
           x.seen_epoch, x.fenced, x.reason);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, ticker_report& x) {
  return f(caf::meta::type_name("ticker_report"), x.symbol, x.last_bar_s,
           x.last_close_e4, x.bars, x.fetcher, x.paused);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, shard_report& x) {
  return f(caf::meta::type_name("shard_report"), x.shard, x.epoch,
           x.next_offset, x.lag, x.bars, x.corrections, x.duplicates, x.windows,
           x.dead_letters, x.state, x.tickers);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, node_report& x) {
  return f(caf::meta::type_name("node_report"), x.name, x.shards, x.queues);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, queue_report& x) {
  return f(caf::meta::type_name("queue_report"), x.name, x.size, x.highest,
           x.bound);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, beat_answer& x) {
  return f(caf::meta::type_name("beat_answer"), x.term, x.registered);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, planned_move& x) {
  return f(caf::meta::type_name("planned_move"), x.shard, x.from, x.to,
           x.reason);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, move_question& x) {
  return f(caf::meta::type_name("move_question"), x.carry_out, x.without,
           x.with);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, master_status& x) {
  return f(caf::meta::type_name("master_status"), x.name, x.address, x.leading,
           x.seen_ms);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, node_status& x) {
  return f(caf::meta::type_name("node_status"), x.spec, x.alive, x.suspect,
           x.leaving, x.last_beat_ms, x.shards, x.report_age_ms, x.queues);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, shard_status& x) {
  return f(caf::meta::type_name("shard_status"), x.report, x.owner,
           x.phase, x.phase_ms, x.reason);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, cluster_status& x) {
  return f(caf::meta::type_name("cluster_status"), x.version, x.term,
           x.uptime_s, x.masters, x.nodes, x.shards, x.budget);
}

} // namespace tickerflow
