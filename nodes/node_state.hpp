#pragma once

#include "messages/cluster.hpp"

namespace tickerflow {

/// @returns alive, suspect, leaving, drained or dead
const char* state_of(const node_status& x);

/// @returns leads, waits, or gone: it has not said for a while that it waits
const char* state_of(const master_status& x);

} // namespace tickerflow
