#pragma once

#include "nodes/console/problem.hpp"
#include "nodes/console/words.hpp"

namespace tickerflow::console {

// The pictures that the API gives of the cluster.

/// What the settings add.
struct view_settings {
  std::string version;
  std::size_t tickers = 0;
  std::chrono::seconds interval{60};
  std::int64_t dead_after_ms = 0;
  source_rules rules;
};

ticker_judge judge_of(const picture& x, const view_settings& y);

json overview_json(const picture& x, const view_settings& y);
json alerts_json(const std::vector<alert>& x);
json budget_json(const picture& x, const view_settings& y);
json nodes_json(const picture& x);
json shards_json(const picture& x, const view_settings& y);
json moves_json(const std::vector<planned_move>& x);

/// @returns the value or null
template <class T>
json or_null(const std::optional<T>& x) {
  return x ? json(*x) : json(nullptr);
}

/// @returns rounded to two places: more is noise that changes each second
json rounded(const std::optional<double>& x);

} // namespace tickerflow::console
