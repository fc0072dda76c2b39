#pragma once

#include "actors/placement.hpp"
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
/// Shape   events in, orders out (`decide`). Every event may come late, twice,
///         in another order or not at all: what is of an older epoch than the
///         table's changes nothing, and what is missing is asked for again.
/// Rules   A shard's epoch never falls, and each is given to one node only.
///         A move is revoke, confirmation (or `revoke_within`), assign.
///         Where shards go is `place`'s word (placement.hpp). Suspect nodes
///         keep theirs and get no others; dead nodes lose them.
/// Units   times and timeouts on one monotonic clock
/// Cost    an event: the shards of its node; `decide`: nothing if nothing
///         changed and no time is up, otherwise nodes and shards once
class shard_table {
public:
  using clock = std::chrono::steady_clock;
  using time = clock::time_point;

  struct limits {
    std::chrono::milliseconds suspect_after{2000};
    std::chrono::milliseconds dead_after{4000};
    /// Waited after a join before shards move (free ones are given out at
    /// once, unless it is the very first node): workers start together. With
    /// one join after the other it is not waited for longer than four times.
    std::chrono::milliseconds settle{500};
    /// A worker that does not confirm a revoke loses the shard by force: the
    /// next epoch fences it.
    std::chrono::milliseconds revoke_within{8000};
    /// A worker that does not report an assigned shard never got the order.
    std::chrono::milliseconds report_within{5000};
    /// A worker that still reports what it was told to drop is told again.
    std::chrono::milliseconds repeat_after{2000};
    /// `decide` was not called for so long: the master itself hung, and heard
    /// no beats. What it did not hear does not count.
    std::chrono::milliseconds stall_after{1000};
    /// Nodes that are dead for so long are no longer listed, unless drained.
    std::chrono::minutes forget_after{60};
  };

  enum class order_kind : std::uint8_t { assign, revoke };

  struct order {
    order_kind kind = order_kind::assign;
    std::string node;
    std::int32_t shard = 0;
    std::int64_t epoch = 0;
  };

  /// What became of a registration.
  enum class admission : std::uint8_t {
    /// The node is registered: what it holds is adopted, or it is told to
    /// drop it.
    registered,
    /// Another process of this name is alive: nothing changed. To be told to
    /// the newcomer as an error: it has to take another name, or to wait until
    /// the other one is gone (a process that was just killed where nobody saw
    /// its socket close: `suspect_after`).
    name_in_use,
  };

  shard_table() = default;

  /// A master begins to lead at `now`: stored owners are expected to register
  /// within `dead_after`; until then their shards are not given to others, and
  /// nothing moves for the sake of balance.
  shard_table(const std::vector<stored_shard>& stored, limits x, time now);

  /// A node joins, or returns after a lost connection or a change of masters,
  /// serving `held`.
  ///
  /// A process is known by host, pid and start. Of two that live under one
  /// name the first keeps it, for it serves shards: see `admission`. Once the
  /// first is suspect the second takes its place; the shards go to the second
  /// by a higher epoch. A new process holds only what it reports.
  ///
  /// A known node's `drained` stays as `drain` left it.
  admission join(const node_spec& node, const std::vector<shard_report>& held,
                 time now);

  /// @param started_ms of the process that sent it; 0: not known
  /// @returns whether the node is registered; otherwise it has to register
  bool beat(const node_report& report, time now, std::int64_t started_ms = 0);

  /// The node is gone: its shards are free.
  void dead(const std::string& node, time now);

  /// The node wants to leave: its shards move in order, or just stop if nobody
  /// can take them.
  void leave(const std::string& node, time now);

  /// An operator empties a node, or lets it have shards again. It serves on as
  /// long as nobody else can.
  /// @returns false if there is no such node
  bool drain(const std::string& node, bool on, time now);

  /// @returns whether the node serves nothing (any more)
  bool idle(const std::string& node) const;

  /// The owner has written all and stopped.
  void revoked(const shard_loss& x, time now);

  /// The owner stopped without an order. A shard that fails waits before it is
  /// given out again, longer each time.
  void lost(const shard_loss& x, time now);

  /// To be called after events, and at short intervals (100 ms).
  /// @returns what has to be sent now; counts as sent
  std::vector<order> decide(time now);

  /// What would move; asks, changes nothing.
  ///
  /// `without` or `with` given   what the table would do by itself, once those
  ///     nodes were gone or had joined: `rebalance --without worker-3` before
  ///     it is drained, `--with worker-9:2` before it is started. A node that
  ///     exists is assumed to live, undrained, with the weight given; unknown
  ///     names in `without` change nothing (`knows` tells).
  /// neither, `carry_out` false  what `rebalance()` would do: `rebalance
  ///     --dry-run`. Empty: the shards are where they would be anyway.
  /// neither, `carry_out` true   what is under way now: to be asked after
  ///     `rebalance()`.
  ///
  /// A shard that nobody serves is in it with an empty `from`, one that nobody
  /// would serve with an empty `to`.
  std::vector<planned_move> plan(const move_question& x, time now) const;

  /// From now on moves (in order, by revoke) to where rendezvous hashing with
  /// balanced shares alone would put each shard, until it is there.
  void rebalance(time now);

  std::vector<node_status> nodes(time now) const;

  bool knows(const std::string& node) const;

  /// @returns the number of shards
  size_t size() const;

  /// @returns the shard's owner, empty if nobody
  const std::string& owner(std::int32_t shard) const;

  /// @returns that of the owner, or of the last one
  std::int64_t epoch(std::int32_t shard) const;

  /// Fills in owner, phase, phase_ms, reason; and of the report shard, epoch.
  shard_status view(std::int32_t shard, time now) const;

private:
  enum class state : std::uint8_t { free, assigned, revoking };

  struct shard_entry {
    state phase = state::free;
    std::string owner;
    std::int64_t epoch = 0;   // of the last order
    std::int64_t highest = 0; // seen anywhere; the next order's is above it
    time since{};             // of the phase
    time not_before{};        // free shards that failed wait a little
    time told{};              // of the last revoke
    std::uint64_t beat = 0;   // the last one that reported it
    int failures = 0;
    int missed = 0;        // beats in a row that did not report it
    bool reported = false; // at this epoch
    std::string kept_for;  // stored owner that has not registered yet
    std::string reason;
  };

  /// What a node holds although it should not.
  struct stale_holding {
    std::int64_t epoch = 0;
    time told{};
    std::uint64_t beat = 0;
  };

  struct node_entry {
    node_spec spec;
    time last_beat{};
    bool alive = false;
    bool suspect = false;
    bool leaving = false;
    bool fresh = false; // has not had its share yet
    std::vector<std::int32_t> shards;
    std::map<std::int32_t, stale_holding> stale;

    bool able() const {
      return alive && !leaving && !spec.drained && spec.weight > 0;
    }
  };

  /// Assumptions and the targets they lead to.
  struct outlook {
    std::vector<placement_node> nodes;
    std::vector<std::int32_t> held;    // by shard, index of a node above
    std::vector<std::int32_t> targets; // the same
  };

  shard_entry* find(std::int32_t shard);
  void hold(std::int32_t shard, node_entry& node, std::int64_t epoch, time now);
  void release(std::int32_t shard, std::string reason, time now);
  void unlink(const shard_entry& x, std::int32_t shard);
  void consider(node_entry& node, const shard_report& x, bool joining,
                time now);
  void tell_stale(node_entry& node, std::int32_t shard, std::int64_t epoch,
                  time now);
  void notice_missing(node_entry& node, time now);
  void bury(const std::string& name, const std::string& reason, time now);
  void free_kept(const std::string& node, const std::string& reason, time now);

  void settle_down();
  void forgive_stall(time now);
  void check_nodes(time now);
  void check_shards(time now);
  bool may_move(time now) const;
  bool may_assign(time now) const;
  outlook look_ahead(const std::map<std::string, node_entry>& nodes,
                     bool may_move, bool anew) const;
  void choose_targets(time now);
  bool order_shard(std::int32_t shard, time now, std::vector<order>& result);
  std::string why(const shard_entry& x, const node_entry* to,
                  const std::map<std::string, node_entry>& nodes,
                  bool anew) const;
  std::string waits_for(const shard_entry& x, time now) const;
  void set_alarm(time now);

  std::vector<shard_entry> shards_;
  std::map<std::string, node_entry> nodes_;
  limits limits_;
  std::vector<std::string> targets_; // by shard, empty: no node can
  std::vector<order> repeated_;      // revokes that the next decide() gives
  std::uint64_t beats_ = 0;
  bool changed_ = true;      // the targets have to be chosen anew
  bool due_ = false;         // a shard can go to its target
  bool moving_ = false;      // they were chosen with moves allowed
  bool rebalancing_ = false; // they are those of place_anew
  time decided_{};           // the last time
  time alarm_{};             // before it time alone changes nothing
  time kept_until_{};        // for stored owners
  time alone_since_{};       // the join of a node that was the only one
  time last_join_{};
  time first_join_{}; // of those not settled yet
};

} // namespace tickerflow
