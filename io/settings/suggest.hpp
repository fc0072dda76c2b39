#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tickerflow {

/// Insertions, deletions, replacements and swaps of neighbours that make one
/// text the other (optimal string alignment); letters' case does not count.
std::size_t edit_distance(const std::string& x, const std::string& y);

/// @returns the nearest known name if it is near enough to be meant
std::optional<std::string> nearest(const std::string& name,
                                   const std::vector<std::string>& known);

/// @returns "; did you mean \"kafka\"?" or nothing
std::string did_you_mean(const std::string& name,
                         const std::vector<std::string>& known);

} // namespace tickerflow
