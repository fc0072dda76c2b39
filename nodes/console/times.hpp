#pragma once

#include "market/exchange_time.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace tickerflow::console {

/// @returns "2026-11-24T23:16:03.250Z"
std::string instant_text(std::chrono::system_clock::time_point x);

/// The same of Unix milliseconds.
std::string instant_text(std::int64_t unix_ms);

/// @returns "7 minutes", "2 hours", "3 days": how people say it
std::string duration_words(std::int64_t seconds);

/// @returns the next midnight in New York, when a day's API budget begins anew
timestamp next_new_york_midnight(timestamp now);

} // namespace tickerflow::console
