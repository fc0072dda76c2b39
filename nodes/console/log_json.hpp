#pragma once

#include "nodes/console/hub.hpp"
#include "nodes/console/query.hpp"

namespace tickerflow::console {

/// The newest log lines of the nodes, oldest first.
/// @param parameters node, actor, level, q, limit
json logs_json(hub& cluster, const query& parameters);

} // namespace tickerflow::console
