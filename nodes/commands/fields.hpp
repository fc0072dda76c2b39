#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace tickerflow {

using nlohmann::ordered_json;

// What an answer of the API has under a name. A newer or older master may lack
// a field: that is "not known", never an error.

/// @returns an empty text if it is not known
std::string text_at(const ordered_json& x, const char* name);

std::optional<double> number_at(const ordered_json& x, const char* name);

std::optional<std::int64_t> whole_at(const ordered_json& x, const char* name);

bool flag_at(const ordered_json& x, const char* name);

/// @returns the array or object, or an empty one
const ordered_json& part_at(const ordered_json& x, const char* name);

} // namespace tickerflow
