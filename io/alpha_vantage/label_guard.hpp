#pragma once

#include "market/calendar.hpp"
#include "market/exchange_time.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tickerflow {

/// Finds proof of what the labels of an answer mean, whatever is configured.
///
/// Shape   labels as instants, in order of time; US exchanges only
/// Errors  nothing if there is no proof, or a contradiction
/// Source  recorded answers: with end labels the extended session is 04:05 to
///         20:00 and the regular one 09:35 to 16:00 (5 min); with start labels
///         04:00 to 19:55 and 09:30 to 15:55
std::optional<bar_label> proven_label(const std::vector<timestamp>& labels,
                                      std::chrono::seconds interval,
                                      const calendar& days);

} // namespace tickerflow
