#pragma once

#include "nodes/commands/fields.hpp"
#include "nodes/commands/look.hpp"
#include "nodes/commands/table.hpp"

namespace tickerflow {

// What the API's lists look like as tables: in each verb of the name and in
// `top`. One row for each item.

table actors_table(const ordered_json& items);
table tickers_table(const ordered_json& items, const paper& x);
table shards_table(const ordered_json& items);
table nodes_table(const ordered_json& items);
table alerts_table(const ordered_json& items);

/// @returns "worker-1/17": what `actors show` takes
std::string actor_id(const ordered_json& actor);

/// @returns how a state looks: busy as a note, dead as bad, ...
tone tone_of_state(const std::string& state);

/// @returns a line for people below a list: "3 of 40, --limit for more"
styled_line list_end(std::size_t shown, std::optional<std::int64_t> total,
                     const std::string& what);

} // namespace tickerflow
