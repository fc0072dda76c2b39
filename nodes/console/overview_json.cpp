#include "nodes/console/cluster_json.hpp"

#include "nodes/console/times.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace tickerflow::console {

namespace {

constexpr std::int64_t stuck_ms = 5'000;

struct counts {
  std::int64_t lag = 0;
  std::int64_t bars = 0;
  std::int64_t corrections = 0;
  std::int64_t duplicates = 0;
  std::int64_t windows = 0;
  std::int64_t dead_letters = 0;
  int running = 0;
  int moving = 0;
  int unowned = 0;
  int retrying = 0;
  int held = 0;    // fetchers that wait for PostgreSQL
  int waiting = 0; // fetchers that wait for the API
  int tickers = 0;
  int fresh = 0;
  int late = 0;
  int paused = 0;
};

counts count(const picture& x, const ticker_judge& judge) {
  counts n;
  for (auto& s : x.status.shards) {
    auto& r = s.report;
    n.lag += r.lag;
    n.bars += r.bars;
    n.corrections += r.corrections;
    n.duplicates += r.duplicates;
    n.windows += r.windows;
    n.dead_letters += r.dead_letters;
    n.unowned += s.owner.empty() ? 1 : 0;
    n.retrying += r.state == "retrying" ? 1 : 0;
    if (!s.owner.empty())
      ++(s.phase == "assigned" && r.state != "opening" ? n.running : n.moving);
    for (auto& t : r.tickers) {
      ++n.tickers;
      n.held += t.fetcher.rfind("held", 0) == 0 ? 1 : 0;
      n.waiting += t.fetcher.rfind("waiting for the API", 0) == 0 ? 1 : 0;
      if (t.paused)
        ++n.paused;
      else
        ++(judge.judge(s, t).how == level::ok ? n.fresh : n.late);
    }
  }
  return n;
}

/// Messages that the actors of a kind handle a second, all nodes together.
std::optional<double> kind_rate(const picture& x, const std::string& kind) {
  std::optional<double> result;
  auto sum = [&](const node_snapshot& s) {
    std::uint64_t n = 0;
    for (auto& a : s.actors)
      n += a.kind == kind ? a.handled : 0;
    return static_cast<double>(n);
  };
  for (auto& [name, p] : x.processes)
    if (p.now && p.before && p.now->now_ms > p.before->now_ms) {
      auto more = std::max(0.0, sum(*p.now) - sum(*p.before));
      result = result.value_or(0)
               + more * 1000.0
                     / static_cast<double>(p.now->now_ms - p.before->now_ms);
    }
  return result;
}

json stage(const char* name, level how, json per_s, const char* unit,
           json waiting, std::string text) {
  return {{"name", name}, {"level", to_string(how)}, {"per_s", per_s},
          {"unit", unit}, {"waiting", waiting},      {"text", std::move(text)}};
}

json stages_json(const picture& x, const counts& n) {
  auto& b = x.status.budget;
  auto result = json::array();
  auto closed = b.closed_for_ms > 0
                || (b.calls_per_day > 0 && b.used_today >= b.calls_per_day);
  result.push_back(stage(
      "source", closed ? level::warning : level::ok,
      rounded(x.rates.calls_per_s), "calls", nullptr,
      closed
          ? "closed: "
                + (b.closed_reason.empty() ? "daily limit reached"
                                           : b.closed_reason)
          : fmt::format("{} calls granted, {} refused", b.granted, b.refused)));
  result.push_back(
      stage("fetchers", n.held > 0 ? level::warning : level::ok,
            rounded(kind_rate(x, "fetcher")), "messages", n.waiting,
            fmt::format("{} ticker{}, {} wait for the API, {} held, {} paused",
                        n.tickers, n.tickers == 1 ? "" : "s", n.waiting, n.held,
                        n.paused)));
  result.push_back(stage("kafka", n.lag > 20'000 ? level::warning : level::ok,
                         rounded(x.rates.records_per_s), "records", n.lag,
                         fmt::format("{} records wait to be stored", n.lag)));
  result.push_back(
      stage("aggregators",
            n.unowned > 0  ? level::critical
            : n.moving > 0 ? level::info
                           : level::ok,
            rounded(kind_rate(x, "aggregator")), "messages", nullptr,
            fmt::format("{} shards run, {} move, {} without an owner",
                        n.running, n.moving, n.unowned)));
  result.push_back(stage(
      "writers", n.retrying > 0 ? level::warning : level::ok,
      rounded(kind_rate(x, "postgres_writer")), "messages", nullptr,
      n.retrying > 0 ? fmt::format("{} shards try a write again", n.retrying)
                     : "writes go through"));
  result.push_back(stage(
      "postgres", n.retrying > 0 ? level::critical : level::ok,
      rounded(x.rates.bars_per_s), "bars", nullptr,
      n.retrying > 0
          ? "does not take writes"
          : fmt::format("{} bars and {} windows stored", n.bars, n.windows)));
  return result;
}

json nodes_count(const picture& x) {
  int alive = 0;
  int suspect = 0;
  int dead = 0;
  int drained = 0;
  for (auto& n : x.status.nodes)
    ++(!n.alive         ? dead
       : n.suspect      ? suspect
       : n.spec.drained ? drained
                        : alive);
  return {{"alive", alive},
          {"suspect", suspect},
          {"dead", dead},
          {"drained", drained}};
}

json actors_count(const picture& x) {
  std::size_t alive = 0;
  std::size_t died = 0;
  std::size_t stuck = 0;
  for (auto& [name, p] : x.processes)
    if (p.now) {
      alive += p.now->actors.size();
      died += p.now->deaths.size();
      for (auto& a : p.now->actors)
        stuck +=
            a.handling_ms > stuck_ms || p.silent_for_s.value_or(0) > 5 ? 1 : 0;
    }
  return {{"alive", alive}, {"died", died}, {"stuck", stuck}};
}

} // namespace

json overview_json(const picture& x, const view_settings& y) {
  auto judge = judge_of(x, y);
  auto alerts = alerts_of(x, judge);
  auto n = count(x, judge);
  auto history = json::array();
  for (auto& h : x.history)
    history.push_back({{"at", instant_text(h.at_ms)},
                       {"bars_per_s", rounded(h.bars_per_s)},
                       {"lag", h.lag},
                       {"messages_per_s", rounded(h.messages_per_s)}});
  return {
      {"at", instant_text(x.at_ms)},
      {"version", y.version},
      {"term", x.status.term},
      {"uptime_s", x.status.uptime_s},
      {"master", x.master},
      {"level", to_string(worst_of(alerts))},
      {"headline", headline_of(x, judge, alerts)},
      {"stages", stages_json(x, n)},
      {"bars_per_s", rounded(x.rates.bars_per_s)},
      {"lag", n.lag},
      {"totals",
       {{"bars", n.bars},
        {"corrections", n.corrections},
        {"duplicates", n.duplicates},
        {"windows", n.windows},
        {"dead_letters", n.dead_letters}}},
      {"nodes", nodes_count(x)},
      {"shards",
       {{"total", x.status.shards.size()},
        {"running", n.running},
        {"moving", n.moving},
        {"unowned", n.unowned}}},
      {"actors", actors_count(x)},
      {"tickers",
       {{"total", n.tickers},
        {"fresh", n.fresh},
        {"late", n.late},
        {"paused", n.paused}}},
      {"budget", budget_json(x, y)},
      {"alerts", alerts_json(alerts)},
      {"history", std::move(history)},
  };
}

} // namespace tickerflow::console
