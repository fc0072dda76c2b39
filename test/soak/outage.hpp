#pragma once

#include "test/soak/cluster.hpp"
#include "test/soak/servers.hpp"

namespace tickerflow::soak {

/// Stops PostgreSQL for a time while records flow on, and starts it again.
///
/// Prints each node's memory every ten seconds.
/// @returns what must not be: a worker that grows by more than 64 MB after the
///          first half minute of the outage
std::vector<std::string> run_outage(cluster& c, servers& x,
                                    std::chrono::milliseconds length);

} // namespace tickerflow::soak
