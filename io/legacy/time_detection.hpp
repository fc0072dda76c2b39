#pragma once

#include "io/legacy/survey.hpp"
#include "io/legacy/time_reading.hpp"
#include "market/calendar.hpp"

#include <map>
#include <string>
#include <vector>

namespace tickerflow {

/// What the times of a table were found to mean.
struct time_detection {
  enum class outcome : std::uint8_t {
    found,
    ambiguous, // several readings fit the exchange's calendar
    no_fit,    // none does
    ends,      // `reading` fits if the times are the ends of their bars
    mixed,     // no reading fits every week
  };
  outcome result = outcome::no_fit;
  time_reading reading;  // if found
  double in_session = 0; // part of the times that it puts into sessions
  std::string reason;    // if not found: for people, with what to say
};

/// Finds out what the times of a table mean, by the exchange's calendar: bars
/// are dense from the open to the close, and there is none at night.
///
/// Tried are New York's wall time, other zones, New York's time taken for UTC
/// and shown in some zone, and shifts by half hours. A reading fits a week if
/// no other puts more bars into regular sessions and fewer outside of all; one
/// has to fit every week, and most days have to reach from open to close.
///
/// Shape   distinct times by interval in, one reading or a reason out
/// Errors  none: see `outcome`. Never a guess.
time_detection
detect_times(const std::map<std::chrono::seconds, wall_histogram>& times,
             bar_label label, const calendar& days);

} // namespace tickerflow
