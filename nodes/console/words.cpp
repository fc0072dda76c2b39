#include "nodes/console/words.hpp"

#include "nodes/console/times.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace tickerflow::console {

namespace {

using std::chrono::seconds;

/// A bar is final that long after its end: see actors/source_clock.
constexpr seconds final_after{60};
/// Fetching, publishing and storing take their time, too.
constexpr seconds way_time{15};

std::string plural(std::size_t n, const std::string& word) {
  return std::to_string(n) + ' ' + word + (n == 1 ? "" : "s");
}

std::string new_york(timestamp t) {
  return format_wall_time(t, "America/New_York").substr(0, 16);
}

} // namespace

const char* to_string(level x) {
  switch (x) {
    case level::ok: return "ok";
    case level::info: return "info";
    case level::warning: return "warning";
    default: return "critical";
  }
}

ticker_judge::ticker_judge(const calendar& days, const source_rules& rules,
                           const cluster_status& status, timestamp now)
    : days_(days), rules_(rules), status_(status), now_(now) {
  std::int64_t newest = 0;
  std::int64_t tickers = 0;
  for (auto& shard : status.shards)
    for (auto& x : shard.report.tickers) {
      ++tickers;
      newest = std::max(newest, x.last_bar_s);
    }
  // A simulated market has the time of its newest bar.
  if (rules.own_clock && newest > 0
      && timestamp{seconds{newest}} + std::chrono::hours{24 * 10} < now)
    now_ = timestamp{seconds{newest}} + rules_.plan_delay + final_after;
  auto& budget = status.budget;
  if (budget.calls_per_day > 0)
    plan_interval_ = seconds{tickers * 86'400 / budget.calls_per_day};
  if (budget.calls_per_minute > 0)
    plan_interval_ = std::max(plan_interval_,
                              seconds{tickers * 60 / budget.calls_per_minute});
  plan_interval_ = std::max(plan_interval_, rules_.poll_interval);
}

std::optional<timestamp> ticker_judge::due_bar(timestamp at) const {
  // The newest bar of a regular session that ends at or before the instant.
  auto date = date::floor<date::days>(at) + date::days{1};
  for (int back = 0; back < 12; ++back, date -= date::days{1}) {
    auto day = days_.day_on(date);
    if (!day || day->open + bar_interval > at)
      continue;
    auto end = std::min(at, day->close);
    auto bars = (end - day->open) / bar_interval;
    return day->open + (bars - 1) * bar_interval;
  }
  return std::nullopt;
}

std::string ticker_judge::why_late(const shard_status& shard,
                                   const ticker_report& x) const {
  auto& budget = status_.budget;
  if (shard.owner.empty())
    return fmt::format("nobody serves shard {}: {}", shard.report.shard,
                       shard.reason);
  for (auto& node : status_.nodes)
    if (node.spec.name == shard.owner && (node.suspect || !node.alive))
      return fmt::format("no answer from node {} for {} s", shard.owner,
                         node.last_beat_ms / 1000);
  if (budget.calls_per_day > 0 && budget.used_today >= budget.calls_per_day)
    return "daily limit reached, resets 00:00 New York";
  if (budget.closed_for_ms > 0)
    return fmt::format("the API is closed for {}: {}",
                       duration_words(budget.closed_for_ms / 1000),
                       budget.closed_reason);
  if (shard.report.state != "running" && shard.report.state != "writing")
    return fmt::format("shard {} is {}", shard.report.shard,
                       shard.report.state);
  return x.fetcher.empty() ? "it has no fetcher yet" : x.fetcher;
}

freshness ticker_judge::judge(const shard_status& shard,
                              const ticker_report& x) const {
  if (x.paused)
    return {level::info, "paused by an operator", std::nullopt};
  auto due = due_bar(now_ - final_after - rules_.plan_delay
                     - rules_.poll_interval - way_time);
  auto last = timestamp{seconds{x.last_bar_s}};
  if (x.last_bar_s == 0)
    return {level::warning, "no bar yet: " + why_late(shard, x), std::nullopt};
  if (!due || last >= *due) {
    auto day = days_.day_at(now_);
    if (day)
      return {level::ok, "fresh", std::nullopt};
    auto next = days_.next_on_or_after(date::floor<date::days>(now_));
    while (next && next->pre_open <= now_)
      next = days_.next_on_or_after(next->date + date::days{1});
    return {level::ok,
            next ? "fresh; no session until " + new_york(next->pre_open)
                       + " New York"
                 : "fresh",
            std::nullopt};
  }
  auto late = (*due - last).count();
  auto by_plan = due_bar(now_ - final_after - rules_.plan_delay - plan_interval_
                         - way_time);
  if (by_plan && last >= *by_plan)
    return {level::info,
            fmt::format("{} late: the plan allows a call every {}",
                        duration_words(late),
                        duration_words(plan_interval_.count())),
            late};
  return {level::warning, duration_words(late) + " late: " + why_late(shard, x),
          late};
}

std::string budget_words(const budget_status& x, std::size_t tickers,
                         std::chrono::seconds poll_interval) {
  auto each = poll_interval;
  auto count = static_cast<std::int64_t>(tickers);
  std::string share;
  if (x.calls_per_minute > 0) {
    each = std::max(each, seconds{count * 60 / x.calls_per_minute});
    share = plural(static_cast<std::size_t>(x.calls_per_minute), "call")
            + " a minute";
  }
  if (x.calls_per_day > 0) {
    each = std::max(each, seconds{count * 86'400 / x.calls_per_day});
    share += (share.empty() ? "" : " and ")
             + plural(static_cast<std::size_t>(x.calls_per_day), "call")
             + " a day";
  }
  auto result = share.empty()
                    ? "There is no limit"
                    : plural(tickers, "ticker")
                          + (tickers == 1 ? " has " : " share ") + share;
  result += ": each is polled about every " + duration_words(each.count());
  if (x.calls_per_day > 0 && x.used_today >= x.calls_per_day)
    result += ". Today's calls are used up; the next ones are from 00:00 New "
              "York on";
  else if (x.closed_for_ms > 0)
    result += ". Closed for " + duration_words(x.closed_for_ms / 1000) + ": "
              + x.closed_reason;
  return result + '.';
}

level worst_of(const std::vector<alert>& x) {
  auto result = level::ok;
  for (auto& a : x)
    result = std::max(result, a.how);
  return result;
}

} // namespace tickerflow::console
