#pragma once

#include "market/calendar.hpp"
#include "nodes/console/picture.hpp"

#include <string>
#include <vector>

namespace tickerflow::console {

// Health in words. All are functions of what they are given.

enum class level : std::uint8_t { ok, info, warning, critical };

/// @returns "ok", "info", "warning", "critical"
const char* to_string(level x);

/// What of the settings decides when a bar is due.
struct source_rules {
  std::chrono::seconds poll_interval{60};
  std::chrono::seconds plan_delay{0}; // 15 min on a delayed plan
  /// The source can have a clock of its own, like the simulator.
  bool own_clock = false;
};

/// How up to date a ticker is.
struct freshness {
  level how = level::ok;
  std::string text; // "7 minutes late: daily limit reached, resets 00:00 ..."
  std::optional<std::int64_t> late_s; // behind what is due
};

struct alert {
  level how = level::warning;
  std::string about;   // cluster, node, shard, ticker, ...
  std::string subject; // the node's, the ticker's name
  std::string text;    // a sentence
};

/// Judges the tickers of a cluster.
class ticker_judge {
public:
  /// @param now Unix seconds, this machine's
  ticker_judge(const calendar& days, const source_rules& rules,
               const cluster_status& status, timestamp now);

  freshness judge(const shard_status& shard, const ticker_report& x) const;

  /// @returns the interval of a ticker's bars, as its neighbours and settings
  ///          have it
  timestamp source_now() const { return now_; }

  /// Between two calls for a ticker as the plan allows.
  std::chrono::seconds plan_interval() const { return plan_interval_; }

  std::chrono::seconds bar_interval{60};

private:
  std::optional<timestamp> due_bar(timestamp at) const;
  std::string why_late(const shard_status& shard, const ticker_report& x) const;

  const calendar& days_;
  source_rules rules_;
  const cluster_status& status_;
  timestamp now_;
  std::chrono::seconds plan_interval_{0};
};

/// "12 tickers share 25 calls a day: each is polled about every 11 hours".
std::string budget_words(const budget_status& x, std::size_t tickers,
                         std::chrono::seconds poll_interval);

/// What is wrong, worst first.
std::vector<alert> alerts_of(const picture& x, const ticker_judge& judge);

/// The whole in a sentence: "All 12 tickers are fresh."
std::string headline_of(const picture& x, const ticker_judge& judge,
                        const std::vector<alert>& alerts);

/// @returns the worst of them
level worst_of(const std::vector<alert>& x);

} // namespace tickerflow::console
