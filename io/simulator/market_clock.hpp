#pragma once

#include "market/calendar.hpp"

#include <chrono>
#include <mutex>
#include <string>

namespace tickerflow::sim {

using sim_time = std::chrono::time_point<std::chrono::system_clock,
                                         std::chrono::nanoseconds>;

/// Simulated seconds a second, at most.
constexpr double fastest_clock = 100'000;

/// Moves an instant on, where only time from pre-market to post-market passes:
/// from outside a session it jumps to the start of the next pre-market.
/// Behind the calendar's end time passes as usual.
sim_time advance_open(const calendar& sessions, sim_time from,
                      std::chrono::nanoseconds by);

/// The time of the simulated exchange: start + elapsed * speed.
class market_clock {
public:
  using steady = std::chrono::steady_clock;

  /// @param speed simulated seconds a second; 0 stands still
  /// @param skip_closed pass over the times without session
  market_clock(const calendar& sessions, timestamp start, double speed,
               bool skip_closed, steady::time_point started = steady::now());

  sim_time now(steady::time_point at = steady::now());

  /// Jumps to an instant, forwards or backwards.
  void set_now(sim_time t, steady::time_point at = steady::now());

  void set_speed(double speed, steady::time_point at = steady::now());
  double speed() const;

private:
  void rebase(steady::time_point at);

  const calendar& sessions_;
  mutable std::mutex mutex_;
  sim_time base_;
  steady::time_point based_at_;
  double speed_;
  bool skip_closed_;
};

/// Stores an instant; the file is always whole (written beside, renamed).
/// @throws std::runtime_error with the reason
void store_clock(const std::string& path, timestamp t);

/// @returns what was stored; nothing if there is no such file
/// @throws std::runtime_error if it holds something else
std::optional<timestamp> load_clock(const std::string& path);

} // namespace tickerflow::sim
