#pragma once

#include "io/settings/settings.hpp"

namespace caf {
class actor_system;
}

namespace tickerflow {

/// Serves shards until a stop signal comes, then hands them over.
/// @returns the process' exit code
int serve_worker(caf::actor_system& system, const settings& x);

} // namespace tickerflow
