#pragma once

#include "io/budget_ledger.hpp"
#include "messages/budget.hpp"

#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace tickerflow {

/// What the API key's plan allows.
struct call_limits {
  std::int64_t per_minute = 0; // 0: no limit
  std::int64_t per_day = 0;    // of New York; 0: no limit

  bool any() const { return per_minute > 0 || per_day > 0; }
};

/// Gives out the times at which an API key may be used. Knows no actor, ledger
/// or clock: times come in as arguments, what has to be stored goes out.
///
/// Shape   slots lie on a grid of `spacing`; a symbol holds one at a time;
///         symbols that have to wait are served in the order they came
/// Units   UTC milliseconds; days are New York's
/// Errors  none: what cannot be granted says how long to wait, and why
class call_budget {
public:
  using milliseconds = std::chrono::milliseconds;

  /// Slots further ahead are not given out: what a crash loses stays small.
  static constexpr milliseconds horizon{60'000};

  explicit call_budget(call_limits limits);

  /// Between two calls: 60 s / per_minute and a little more, so that a call
  /// which leaves up to a second late still fits the minute; 1.1 s at least
  /// for plans with a daily limit, which refuse two calls in one second.
  milliseconds spacing() const { return spacing_; }

  /// Goes on from what is stored; forgets what was only reserved here.
  void restore(const budget_row& x, budget_time now);

  /// What `symbol` is told; it is noted as waiting, nothing else changes.
  struct offer {
    bool granted = false;
    bool held = false;  // granted before: nothing has to be stored
    budget_time slot{}; // of the call, or when to ask again
    budget_time asked_at{};
    std::string reason; // why not
    budget_row next;    // what has to be stored before it is granted
  };
  offer ask(const std::string& symbol, budget_time now);

  /// The offer's row is stored: the slot is the symbol's.
  void take(const std::string& symbol, const offer& x);

  /// The API refused a call: closes the gate if all calls have to wait.
  /// @returns for how long
  milliseconds refuse(const api_refusal& x, budget_time now);

  const budget_row& row() const { return row_; }
  const call_limits& limits() const { return limits_; }

  /// @returns how long no call is granted; 0: open
  milliseconds closed_for(budget_time now) const;
  const std::string& closed_reason() const { return closed_reason_; }

private:
  struct waiter {
    std::string symbol;
    budget_time asked_at{};
  };

  std::int64_t place_in_line(const std::string& symbol, budget_time now);
  void forget_past(budget_time now);
  budget_time nth_free_slot(std::int64_t n, budget_time now) const;
  offer wait_until(budget_time t, budget_time now, std::string reason) const;

  call_limits limits_;
  milliseconds spacing_{0};
  budget_row row_;
  std::map<std::string, budget_time> slots_; // reserved, by symbol
  std::set<budget_time> gaps_; // free ones before row_.next_slot_at: kept for
                               // those who are before others in the line
  std::list<waiter> line_;
  budget_time closed_until_{};
  std::string closed_reason_;
};

/// @returns the New York date of an instant
date::sys_days new_york_day(budget_time t);

/// @returns the instant of a New York date's midnight
budget_time new_york_midnight(date::sys_days day);

} // namespace tickerflow
