#pragma once

#include "nodes/commands/fields.hpp"
#include "nodes/commands/styled.hpp"

namespace tickerflow {

/// One log line of a node.
styled_line log_line_of(const ordered_json& x);

} // namespace tickerflow
