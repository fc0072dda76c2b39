#pragma once

#include "io/simulator/bar_faults.hpp"
#include "io/simulator/intraday_query.hpp"
#include "io/simulator/market_clock.hpp"
#include "io/simulator/served_market.hpp"
#include "market/exchange_time.hpp"

namespace tickerflow::sim {

/// How far behind the exchange a delayed answer is.
constexpr std::chrono::minutes entitlement_delay{15};

struct answer_options {
  bar_label label = bar_label::start;
  bool whole_newest = false; // the bar in the making as it will be at its end
  // Today's bars only with an entitlement, as free keys are said to get.
  bool closed_days_only = false;
};

/// Picks the bars that a query gets: oldest first, faults applied.
///
/// Compact is the newest 100; full the last 30 days, or all of the month. A
/// bar is there from its start on; until its end it holds what was traded so
/// far.
bar_series select_bars(const served_market& market, const intraday_query& query,
                       sim_time now, const bar_faults& faults,
                       const answer_options& options);

/// The final bars of the exchange's dates [first, last] that ended before a
/// time, without any fault.
bar_series true_bars(const served_market& market, const intraday_query& query,
                     date::sys_days first, date::sys_days last, timestamp now);

/// The body as the service writes it; without bars an empty object.
std::string write_json(const intraday_query& query, const bar_series& bars,
                       bar_label label);

/// The same as CSV, without meta data.
std::string write_csv(const intraday_query& query, const bar_series& bars,
                      bar_label label);

} // namespace tickerflow::sim
