#pragma once

// Private to the table.

#include "io/settings/declaration.hpp"

namespace tickerflow {

/// The settings of the console, a part of setting_table().
std::vector<setting> console_entries();

} // namespace tickerflow
