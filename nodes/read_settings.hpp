#pragma once

#include "io/settings/load.hpp"

namespace tickerflow {

/// What the program's exit codes mean; --help says the same.
constexpr int exit_ok = 0;
constexpr int exit_failed = 1;
constexpr int exit_usage = 2; // flags or settings

/// What each verb starts with: reads and checks the settings and the
/// certificates that they name, sets up the log and registers the secrets that
/// it must mask, logs the notes.
/// @returns nothing after telling the user why on stderr: leave with exit_usage
std::optional<settings> read_settings(const flag_values& flags);

} // namespace tickerflow
