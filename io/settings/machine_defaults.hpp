#pragma once

#include "io/settings/load.hpp"

namespace tickerflow {

/// "host-1234": the host's name and this process' number.
std::string default_node(const environment& variables);

/// XDG's data folder of the user, /var/lib/tickerflow for root.
std::string default_data_dir(const environment& variables);

} // namespace tickerflow
