#pragma once

#include "io/simulator/plain_bar.hpp"
#include "market/calendar.hpp"

#include <string_view>
#include <vector>

namespace tickerflow::sim {

/// One old share becomes `ratio` new ones before the session of a date.
struct split {
  date::sys_days date;
  double ratio = 1;
};

/// Invents any symbol's 1-minute bars of any day.
///
/// A day is a function of seed, symbol and date alone, in O(its minutes): the
/// logarithm of the closing prices is a Brownian bridge over all sessions from
/// 1990 to 2035, evaluated at one day by midpoint refinement in 14 steps
/// (Lévy's construction), so that it needs no earlier day and no price leaves
/// the possible. Within the day the path is a bridge from gap open to close,
/// livelier at both ends. Volume is U-shaped; the auctions are in the bars of
/// the open and of the close; pre and post-market have few bars; some days
/// have a trading halt.
///
/// Units   UTC; 1/10'000 of the quote currency; shares.
/// Errors  none: a date without session has no bars.
/// Source  P. Lévy 1948 (the construction); no real security is imitated.
class synthetic_market {
public:
  synthetic_market(std::uint64_t seed, const calendar& sessions);

  /// The prices as they were traded: not adjusted for later splits.
  /// @param scale multiplies all prices
  bar_series day(std::string_view symbol, date::sys_days date,
                 double scale = 1) const;

  /// @returns the close of the last session up to a date, as traded
  double close_on(std::string_view symbol, date::sys_days date) const;

  /// All splits of a symbol, oldest first.
  std::vector<split> splits(std::string_view symbol) const;

private:
  struct character;
  character character_of(std::string_view symbol) const;

  std::uint64_t seed_;
  const calendar& sessions_;
};

} // namespace tickerflow::sim
