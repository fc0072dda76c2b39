#pragma once

#include <string>
#include <string_view>

namespace tickerflow::sim {

/// Unpacks a gzip file held in memory.
/// @param name for the error's text
/// @throws std::runtime_error if it is cut or no gzip
std::string gunzip(std::string_view packed, const std::string& name);

} // namespace tickerflow::sim
