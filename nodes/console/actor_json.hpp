#pragma once

#include "nodes/console/picture.hpp"
#include "nodes/console/problem.hpp"
#include "nodes/console/query.hpp"

namespace tickerflow::console {

// The pictures that the API gives of actors.

/// @param parameters q, kind, node, state, sort, order, limit, cursor
json actors_json(const picture& x, const query& parameters);

/// @returns nothing if there is no such actor in the picture
std::optional<json> actor_json(const picture& x, const std::string& node,
                               std::uint64_t serial);

/// @param row of that actor
json detail_json(const picture& x, const std::string& node,
                 const actor_detail& y, json row);

json flow_json(const picture& x);

} // namespace tickerflow::console
