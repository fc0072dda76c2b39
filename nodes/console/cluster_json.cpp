#include "nodes/console/cluster_json.hpp"

#include "nodes/console/times.hpp"
#include "nodes/node_state.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace tickerflow::console {

namespace {

std::string words_of(const node_status& x) {
  if (!x.alive)
    return "dead: last heard of " + duration_words(x.last_beat_ms / 1000)
           + " ago; its shards are given to others";
  if (x.suspect)
    return fmt::format("no answer for {} s: it gets no further shards",
                       x.last_beat_ms / 1000);
  if (x.leaving)
    return "hands its shards over and stops";
  if (x.spec.drained)
    return x.shards > 0 ? "drained: it still hands its shards over"
                        : "drained: it can be stopped";
  return fmt::format("serves {} shard{}", x.shards, x.shards == 1 ? "" : "s");
}

json queues_json(const std::vector<queue_report>& queues) {
  auto result = json::array();
  for (auto& x : queues)
    result.push_back({{"queue", x.name},
                      {"now", x.size},
                      {"highest", x.highest},
                      {"bound", x.bound}});
  return result;
}

/// What its introspection adds to a node.
void add_process(json& to, const picture& x, const std::string& name) {
  to["actors"] = nullptr;
  to["silent_for_s"] = nullptr;
  to["started_at"] = nullptr;
  to["memory_bytes"] = nullptr;
  to["cpu_share"] = nullptr;
  auto found = x.processes.find(name);
  if (found == x.processes.end())
    return;
  auto& p = found->second;
  to["silent_for_s"] = or_null(p.silent_for_s);
  if (!p.now)
    return;
  to["actors"] = p.now->actors.size();
  to["started_at"] = instant_text(p.now->started_ms);
  to["memory_bytes"] = p.now->memory_bytes;
  if (p.before && p.now->now_ms > p.before->now_ms)
    to["cpu_share"] =
        rounded(static_cast<double>(p.now->cpu_ms - p.before->cpu_ms)
                / static_cast<double>(p.now->now_ms - p.before->now_ms));
}

} // namespace

json rounded(const std::optional<double>& x) {
  if (!x || !std::isfinite(*x))
    return nullptr;
  return std::round(*x * 100) / 100;
}

ticker_judge judge_of(const picture& x, const view_settings& y) {
  ticker_judge result{nyse(), y.rules, x.status,
                      timestamp{std::chrono::seconds{x.at_ms / 1000}}};
  result.bar_interval = y.interval;
  return result;
}

json alerts_json(const std::vector<alert>& x) {
  auto result = json::array();
  for (auto& a : x)
    result.push_back({{"level", to_string(a.how)},
                      {"about", a.about},
                      {"subject", a.subject},
                      {"text", a.text},
                      {"since", nullptr}});
  return result;
}

json budget_json(const picture& x, const view_settings& y) {
  auto& b = x.status.budget;
  json left = nullptr;
  if (b.calls_per_day > 0)
    left = std::max<std::int64_t>(0, b.calls_per_day - b.used_today);
  auto now = timestamp{std::chrono::seconds{x.at_ms / 1000}};
  return {{"calls_per_minute", b.calls_per_minute},
          {"calls_per_day", b.calls_per_day},
          {"used_today", b.used_today},
          {"left_today", left},
          {"granted", b.granted},
          {"refused", b.refused},
          {"closed_for_ms", std::max<std::int64_t>(0, b.closed_for_ms)},
          {"closed_reason", b.closed_reason},
          {"resets_at", format_rfc3339(next_new_york_midnight(now))},
          {"text", budget_words(b, y.tickers, y.rules.poll_interval)}};
}

json nodes_json(const picture& x) {
  auto items = json::array();
  for (auto& m : x.status.masters) {
    std::string state = state_of(m);
    auto text = state == "waits" ? "waits to lead" : state;
    if (state == "gone")
      text += ": last seen " + duration_words(m.seen_ms / 1000) + " ago";
    json row{{"name", m.name},
             {"role", m.leading ? "leader" : "standby"},
             {"host", m.address.substr(0, m.address.rfind(':'))},
             {"pid", 0},
             {"address", m.address},
             {"state", std::move(state)},
             {"weight", 0},
             {"shards", 0},
             {"last_beat_ms", m.seen_ms},
             {"report_age_ms", -1},
             {"text", std::move(text)},
             {"queues", json::array()}};
    add_process(row, x, m.name);
    auto found = x.processes.find(m.name);
    if (found != x.processes.end() && found->second.now)
      row["pid"] = found->second.now->pid;
    items.push_back(std::move(row));
  }
  for (auto& n : x.status.nodes) {
    json row{{"name", n.spec.name},
             {"role", "worker"},
             {"host", n.spec.host},
             {"pid", n.spec.pid},
             {"state", state_of(n)},
             {"weight", n.spec.weight},
             {"shards", n.shards},
             {"last_beat_ms", n.last_beat_ms},
             {"report_age_ms", n.report_age_ms},
             {"text", words_of(n)},
             {"queues", queues_json(n.queues)}};
    add_process(row, x, n.spec.name);
    if (n.alive && !row["silent_for_s"].is_null()
        && row["silent_for_s"].get<std::int64_t>() > 2)
      row["text"] =
          fmt::format("{}; its actors: no answer for {} s", words_of(n),
                      row["silent_for_s"].get<std::int64_t>());
    items.push_back(std::move(row));
  }
  return {{"items", std::move(items)}};
}

json moves_json(const std::vector<planned_move>& x) {
  auto moves = json::array();
  for (auto& m : x)
    moves.push_back({{"shard", m.shard},
                     {"from", m.from},
                     {"to", m.to},
                     {"reason", m.reason}});
  return {{"moves", std::move(moves)}};
}

json shards_json(const picture& x, const view_settings& y) {
  std::unordered_map<std::string, std::int64_t> beats; // by node
  for (auto& n : x.status.nodes)
    beats[n.spec.name] = n.last_beat_ms;
  auto items = json::array();
  for (auto& s : x.status.shards) {
    auto& r = s.report;
    json beat = nullptr;
    if (auto known = beats.find(s.owner); known != beats.end())
      beat = known->second;
    auto tickers = json::array();
    for (auto& t : r.tickers)
      tickers.push_back(t.symbol);
    items.push_back({{"shard", r.shard},
                     {"owner", s.owner},
                     {"epoch", r.epoch},
                     {"state", r.state},
                     {"phase", s.phase},
                     {"phase_ms", s.phase_ms},
                     {"beat_age_ms", std::move(beat)},
                     {"reason", s.reason},
                     {"next_offset", r.next_offset},
                     {"lag", r.lag},
                     {"bars", r.bars},
                     {"corrections", r.corrections},
                     {"duplicates", r.duplicates},
                     {"windows", r.windows},
                     {"dead_letters", r.dead_letters},
                     {"tickers", std::move(tickers)}});
  }
  auto moves = json::array();
  for (auto& m : x.moves.moves)
    moves.push_back({{"at", instant_text(m.at_ms)},
                     {"shard", m.shard},
                     {"from", m.from},
                     {"to", m.to},
                     {"epoch", m.epoch},
                     {"reason", m.reason}});
  auto fences = json::array();
  for (auto& f : x.moves.fences)
    fences.push_back({{"at", instant_text(f.at_ms)},
                      {"node", f.node},
                      {"shard", f.shard},
                      {"epoch", f.epoch},
                      {"seen_epoch", f.seen_epoch},
                      {"reason", f.reason}});
  return {{"items", std::move(items)},
          {"moves", std::move(moves)},
          {"fences", std::move(fences)},
          {"dead_after_ms", y.dead_after_ms}};
}

} // namespace tickerflow::console
