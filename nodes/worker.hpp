#pragma once

#include "io/settings/settings.hpp"

namespace tickerflow {

/// Serves shards until a stop signal comes, then hands them over.
/// @returns the process' exit code
int serve_worker(const settings& x);

} // namespace tickerflow
