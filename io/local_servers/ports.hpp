#pragma once

#include <cstdint>

namespace tickerflow {

/// @returns whether nothing listens on the port of 127.0.0.1
bool port_is_free(std::uint16_t port);

/// @returns a port of 127.0.0.1 that was free a moment ago
std::uint16_t free_port();

/// @returns a free port that no client's connection can take while its server
///          is down for a while: from below the system's ephemeral range
std::uint16_t lasting_port();

/// @returns the preferred port if it is free, else any free one
std::uint16_t preferred_or_free(std::uint16_t preferred);

/// @returns whether something accepts connections on the port
bool port_answers(std::uint16_t port);

} // namespace tickerflow
