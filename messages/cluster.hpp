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

/// A worker's beat.
struct node_report {
  std::string name;
  std::vector<shard_report> shards;
};

struct node_status {
  node_spec spec;
  bool alive = false;
  bool suspect = false;
  std::int64_t last_beat_ms = 0; // ago
  std::int32_t shards = 0;
};

struct shard_status {
  shard_report report;
  std::string owner; // empty: nobody
};

/// What `tickerflow status` prints.
struct cluster_status {
  std::string version;
  std::int64_t term = 0;
  std::int64_t uptime_s = 0;
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
  return f(caf::meta::type_name("node_spec"), x.name, x.host, x.pid, x.weight);
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
           x.last_close_e4, x.bars, x.fetcher);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, shard_report& x) {
  return f(caf::meta::type_name("shard_report"), x.shard, x.epoch,
           x.next_offset, x.lag, x.bars, x.corrections, x.duplicates, x.windows,
           x.dead_letters, x.state, x.tickers);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, node_report& x) {
  return f(caf::meta::type_name("node_report"), x.name, x.shards);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, node_status& x) {
  return f(caf::meta::type_name("node_status"), x.spec, x.alive, x.suspect,
           x.last_beat_ms, x.shards);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, shard_status& x) {
  return f(caf::meta::type_name("shard_status"), x.report, x.owner);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, cluster_status& x) {
  return f(caf::meta::type_name("cluster_status"), x.version, x.term,
           x.uptime_s, x.nodes, x.shards, x.budget);
}

} // namespace tickerflow
