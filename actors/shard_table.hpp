#pragma once

#include "messages/cluster.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tickerflow {

/// Who serves which shard at which epoch, and what has to be ordered next.
/// Knows no actor and no clock: times come in as arguments.
///
/// Shape   events in, orders out (`decide`)
/// Units   times and timeouts on one monotonic clock
/// Source  rendezvous hashing: Thaler and Ravishankar, 1998; with a bound on
///         each node's share: Mirrokni, Thorup and Zadimoghaddam, 2018
class shard_table {
public:
  using clock = std::chrono::steady_clock;
  using time = clock::time_point;

  struct limits {
    std::chrono::milliseconds suspect_after{2000};
    std::chrono::milliseconds dead_after{4000};
    /// Waited after a join before shards move: workers start together.
    std::chrono::milliseconds settle{500};
    /// A worker that does not confirm a revoke loses the shard by force.
    std::chrono::milliseconds revoke_within{8000};
    /// A worker that does not report an assigned shard never got the order.
    std::chrono::milliseconds report_within{5000};
  };

  enum class order_kind : std::uint8_t { assign, revoke };

  struct order {
    order_kind kind = order_kind::assign;
    std::string node;
    std::int32_t shard = 0;
    std::int64_t epoch = 0;
  };

  shard_table(std::vector<std::int64_t> epochs, limits x);

  /// A node joins or returns, serving `held`.
  void join(const node_spec& node, const std::vector<shard_report>& held,
            time now);

  void beat(const node_report& report, time now);

  /// The node is gone: its shards are free.
  void dead(const std::string& node, time now);

  /// The node wants to leave: its shards move in order.
  void leave(const std::string& node);

  /// @returns whether the node serves nothing (any more)
  bool idle(const std::string& node) const;

  /// The old owner has written all and stopped.
  void revoked(const shard_loss& x, time now);

  /// The owner stopped without an order.
  void lost(const shard_loss& x, time now);

  /// @returns what has to be sent now; counts as sent
  std::vector<order> decide(time now);

  std::vector<node_status> nodes(time now) const;

  /// @returns the shard's owner, empty if nobody
  const std::string& owner(std::int32_t shard) const;

  std::int64_t epoch(std::int32_t shard) const;

private:
  enum class state : std::uint8_t { free, assigned, revoking };

  struct shard_entry {
    state phase = state::free;
    std::string owner;
    std::int64_t epoch = 0;
    time since{};      // of the phase
    time not_before{}; // free shards that failed wait a little
    int failures = 0;
  };

  struct node_entry {
    node_spec spec;
    time last_beat{};
    bool alive = false;
    bool leaving = false;
  };

  std::vector<std::string> targets() const;
  void release(shard_entry& x, time now);

  std::vector<shard_entry> shards_;
  std::map<std::string, node_entry> nodes_;
  limits limits_;
  time last_join_{};
};

/// Score of a node for a shard: the highest wins.
std::uint64_t rendezvous_score(std::string_view node, std::int32_t shard);

} // namespace tickerflow
