#pragma once

#include "market/calendar.hpp"

#include <chrono>

namespace tickerflow {

/// The source's clock as seen by its answers: offset from ours, and whether it
/// is a simulation that runs faster. Local times come in as arguments.
class source_clock {
public:
  using local_time = std::chrono::steady_clock::time_point;

  /// An answer that came at `local` said `source`.
  void observe(local_time local, timestamp source);

  /// @returns whether two answers have told how fast it runs
  bool is_measured() const { return measured_; }

  timestamp now(local_time local) const;

  /// @returns our time until the source shows `t`; zero if it has
  std::chrono::milliseconds until(timestamp t, local_time local) const;

  /// Source seconds in one of ours; 1 unless it is clearly faster.
  double rate() const { return rate_; }

private:
  bool known_ = false;
  bool measured_ = false;
  double rate_ = 1;
  local_time local_{};
  timestamp source_{};
  local_time rate_local_{}; // where the rate is measured from
  timestamp rate_source_{};
};

/// When a ticker's bars become final.
struct bar_schedule {
  const calendar& days;
  std::chrono::seconds interval{300};
  std::chrono::seconds settle{60}; // after a bar's end: delay and grace
  bool extended_hours = true;

  /// @returns the next time after `now` at which a bar of a session becomes
  ///          final; `now` + interval behind the calendar's end
  timestamp next_final(timestamp now) const;

  /// @returns whether a bar of a session can start in [from, to)
  bool trades_between(timestamp from, timestamp to) const;
};

} // namespace tickerflow
