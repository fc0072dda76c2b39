#pragma once

#include <cstdint>

namespace tickerflow {

/// What a master's process costs with real messages: a coordinator behind a
/// socket, and in a process of their own as many nodes that register, obey
/// and beat twice a second. All nodes share one connection, where real ones
/// have one each.
/// @pre nothing has started a thread yet: the process forks
void measure_master(std::int32_t nodes, std::int32_t shards,
                    std::int32_t tickers);

} // namespace tickerflow
