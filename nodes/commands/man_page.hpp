#pragma once

#include "nodes/commands/verb_shape.hpp"

namespace tickerflow {

/// The manual as roff: verbs and flags from the command line's parser,
/// settings from their table, the rest by hand.
std::string man_page(const verb_shape& program);

} // namespace tickerflow
