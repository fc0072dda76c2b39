#pragma once

#include "nodes/commands/look.hpp"

namespace tickerflow {

/// @param id NODE/SERIAL
/// @returns the actor's path in the API; empty after telling why on stderr
std::string actor_target(const std::string& id);

/// All about one actor, as GET /actors/{node}/{serial} tells it.
styled_text actor_page(const ordered_json& answer, const paper& x);

} // namespace tickerflow
