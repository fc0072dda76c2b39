#pragma once

#include "io/settings/load.hpp"
#include "nodes/exit_codes.hpp"

namespace tickerflow {

/// What each verb starts with: reads and checks the settings and the
/// certificates that they name, sets up the log and registers the secrets that
/// it must mask, logs the notes.
/// @returns nothing after telling the user why on stderr: leave with exit_usage
std::optional<settings> read_settings(const flag_values& flags);

} // namespace tickerflow
