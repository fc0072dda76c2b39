#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tickerflow {

/// A node that may serve shards.
struct placement_node {
  std::string name;
  std::int32_t weight = 1; // above 0
  /// False: it keeps what it serves, all of it, and is given nothing new.
  bool takes = true;
};

/// In place of a node's index: nobody serves the shard, it wants a node.
inline constexpr std::int32_t nobody = -1;
/// The shard is not ours to place: it neither moves nor counts.
inline constexpr std::int32_t set_aside = -2;

/// Places shards on nodes so that as few as possible move.
///
/// Shape   `held`: by shard, the index of the node that serves it, `nobody`
///         or `set_aside`; the result has the same form.
/// Rules   Each node gets its share by weight, rounded down or up; who already
///         serves more is rounded up first. Only what is above a share moves,
///         and only to nodes below theirs: never between two that are within.
///         Which shard goes where is decided by the rendezvous score of the
///         node that gets it. A node that takes nothing counts in the shares;
///         what it would be due and nobody serves goes to the others.
/// Errors  none: `nobody` stays if no node takes any
/// Source  rendezvous hashing: Thaler and Ravishankar, 1998; with a bound on
///         each node's share: Mirrokni, Thorup and Zadimoghaddam, 2018
///
/// @param may_move false: only what nobody serves is placed
/// @pre names differ, weights are above 0
std::vector<std::int32_t> place(const std::vector<placement_node>& nodes,
                                const std::vector<std::int32_t>& held,
                                bool may_move = true);

/// Places shards as if nobody served any: what a placement is after any
/// history depends on that history, this one on the nodes alone.
std::vector<std::int32_t> place_anew(const std::vector<placement_node>& nodes,
                                     const std::vector<std::int32_t>& held);

/// Score of a node for a shard: the highest wins.
std::uint64_t rendezvous_score(std::string_view node, std::int32_t shard);

} // namespace tickerflow
