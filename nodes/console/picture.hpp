#pragma once

#include "messages/cluster.hpp"
#include "messages/introspection.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace tickerflow::console {

/// What a process told about its actors: now, and a while before, for rates.
struct process_picture {
  std::shared_ptr<const node_snapshot> now; // null: it has told nothing yet
  std::shared_ptr<const node_snapshot> before;
  std::int64_t age_ms = 0; // of `now`
  /// It gives no answer for so long; nothing: it answers.
  std::optional<std::int64_t> silent_for_s;
};

/// One second of the overview's curves.
struct history_point {
  std::int64_t at_ms = 0;
  std::optional<double> bars_per_s;
  std::int64_t lag = 0;
  std::optional<double> messages_per_s;
};

/// How fast counters rise; nothing: not known yet.
struct shard_rates {
  std::optional<double> bars_per_s;    // stored
  std::optional<double> records_per_s; // read and aggregated
  std::optional<double> calls_per_s;   // of the API, granted
};

/// The cluster at one instant. Made once, then only read, by any thread.
struct picture {
  std::int64_t at_ms = 0; // Unix
  std::chrono::steady_clock::time_point taken;
  std::string master; // this process' name
  cluster_status status;
  /// The coordinator gives no answer for so long; nothing: it answers.
  std::optional<std::int64_t> silent_for_s;
  move_log moves;
  std::map<std::string, process_picture> processes; // by node
  shard_rates rates;
  std::deque<history_point> history; // oldest first
};

using picture_ptr = std::shared_ptr<const picture>;

/// @returns how many shard bars and records were added between two statuses a
///          second; a shard that was opened anew counts from zero
shard_rates rates_between(const cluster_status& before,
                          const cluster_status& after, double seconds);

/// @returns messages handled a second in all processes that answered twice
std::optional<double> messages_per_s(const picture& x);

} // namespace tickerflow::console
