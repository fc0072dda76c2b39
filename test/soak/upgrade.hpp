#pragma once

#include "test/soak/cluster.hpp"

namespace tickerflow::soak {

/// Replaces each node by one of another program, in order and one after the
/// other, while records flow: standby masters, half of the workers, the
/// leader, the other workers.
///
/// Prints for each step how long it took and the longest time in which a shard
/// stored nothing.
/// @param program the one to come to
/// @param masters_first all masters before any worker instead
/// @returns what must not be: a node that does not stop in order or ends by
///          itself
/// @throws std::runtime_error if shards stand still for good
std::vector<std::string> run_upgrade(cluster& c, const std::string& program,
                                     bool masters_first);

} // namespace tickerflow::soak
