#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickerflow {

/// Makes "/api/v1/actors/w1/17" of its parts, each percent-encoded.
std::string api_path(const std::vector<std::string>& parts);

/// Adds "?a=b&c=d" of those that are not empty, percent-encoded.
/// @param target may have a query already
std::string
with_query(std::string target,
           const std::vector<std::pair<std::string, std::string>>& query);

} // namespace tickerflow
