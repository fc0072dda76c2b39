#pragma once

#include "nodes/commands/top_model.hpp"

namespace tickerflow {

// What the lists of `top` have in common.

struct sort_key {
  std::string heading; // for people
  std::string field;   // of the API
  bool highest_first = false;
};

/// What a view can be sorted by; the first is the default.
const std::vector<sort_key>& sort_keys(top_view x);

/// @returns what names an item, so that the cursor stays on it
std::string id_of(top_view view, const ordered_json& item);

/// @returns whether every word is somewhere in the item, whatever its case
bool matches(const ordered_json& item, const std::string& words);

/// Sorts by a field; what has none of it comes last.
void sort_items(std::vector<ordered_json>& items, const std::string& field,
                bool descending);

table table_of(top_view view, const ordered_json& items, const paper& x);

} // namespace tickerflow
