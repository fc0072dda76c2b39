#pragma once

#include "io/settings/load.hpp"

namespace tickerflow {

/// The machine's name.
std::string host_name();

/// Where others find what listens there: every address is the machine's name.
endpoint advertised(endpoint x);

/// "host-1234": the host's name and this process' number.
std::string default_node(const environment& variables);

/// XDG's data folder of the user, /var/lib/tickerflow for root.
std::string default_data_dir(const environment& variables);

} // namespace tickerflow
