#pragma once

#include "market/calendar.hpp"

#include <vector>

namespace tickerflow {

/// Bars that are missing one after the other, within one session.
struct bar_gap {
  timestamp start{}; // of the first one that is missing
  timestamp end{};   // of the last one
  std::int32_t bars = 0;
};

/// Finds what the calendar promises and a symbol does not have.
///
/// Shape   starts of bars of regular sessions in [from, to), oldest first, to
///         gaps, oldest first; a bar counts for the slot that holds its start
/// Units   slots are `interval` wide, from each session's open on
/// @pre `interval` is at least a minute
std::vector<bar_gap> gaps_between(const calendar& days,
                                  std::chrono::seconds interval,
                                  const std::vector<timestamp>& starts,
                                  timestamp from, timestamp to);

} // namespace tickerflow
