#pragma once

#include "io/postgres/budget_ledger.hpp"
#include "messages/budget.hpp"

#include <deque>
#include <map>
#include <string>

namespace tickerflow {

/// Reserves calls of one API key so that no limit is ever exceeded; the part
/// of the quota that knows no actor and no clock.
///
/// Shape   symbols ask, in order of asking they get slots
/// Units   milliseconds since 1970; calls of a minute, calls of a New York day
/// Source  slots at even distances (GCRA without a burst): any 60 s hold at
///         most the limit, also across a restart
class call_budget {
public:
  struct limits {
    std::int64_t per_minute = 0; // 0: none
    std::int64_t per_day = 0;    // 0: none
  };

  explicit call_budget(limits x) : limits_(x) {}

  bool limited() const { return limits_.per_minute > 0 || limits_.per_day > 0; }

  /// Goes on from what is stored.
  void restore(const budget_row& x) { row_ = x; }

  /// What `acquire` decides; a reserved call has to be saved before its permit
  /// is given.
  struct decision {
    api_permit permit;
    bool save = false;
    budget_row row; // to be saved
  };

  decision acquire(const std::string& symbol, std::int64_t now_ms);

  /// The decision's row is stored.
  void saved(const std::string& symbol, const budget_row& x);

  void refused(const api_refusal& x, std::int64_t now_ms);

  budget_status status(std::int64_t now_ms) const;

private:
  struct waiter {
    std::string symbol;
    std::int64_t asks_by_ms = 0; // later: it is gone, the next one moves up
  };

  std::int64_t spacing_ms() const;
  api_permit wait(std::int64_t ms, std::string reason) const;
  size_t place_of(const std::string& symbol, std::int64_t now_ms);

  limits limits_;
  budget_row row_;
  std::deque<waiter> waiting_;
  std::map<std::string, std::int64_t> reserved_; // slots, by symbol
  std::int64_t closed_until_ms_ = 0;
  std::string closed_reason_;
  std::int64_t granted_ = 0;
  std::int64_t refused_ = 0;
};

/// @returns "2026-11-24", the date in New York
std::string new_york_day(std::int64_t now_ms);

/// @returns when the next day begins in New York
std::int64_t next_new_york_midnight_ms(std::int64_t now_ms);

} // namespace tickerflow
