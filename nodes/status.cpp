#include "io/settings/flags.hpp"
#include "market/exchange_time.hpp"
#include "market/price.hpp"
#include "messages/coordinator.hpp"
#include "nodes/ask_master.hpp"
#include "nodes/node_state.hpp"
#include "nodes/read_settings.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>
#include <caf/all.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <iostream>
#include <memory>

namespace tickerflow {

namespace {

using nlohmann::ordered_json;

std::string bar_time(std::int64_t start_s) {
  return format_rfc3339(timestamp{std::chrono::seconds{start_s}});
}

std::string new_york(std::int64_t start_s) {
  return format_wall_time(timestamp{std::chrono::seconds{start_s}},
                          "America/New_York");
}

ordered_json to_json(const std::vector<queue_report>& queues) {
  auto result = ordered_json::array();
  for (auto& x : queues)
    result.push_back({{"queue", x.name},
                      {"now", x.size},
                      {"highest", x.highest},
                      {"bound", x.bound}});
  return result;
}

ordered_json to_json(const cluster_status& x) {
  ordered_json result;
  result["version"] = x.version;
  result["term"] = x.term;
  result["uptime_s"] = x.uptime_s;
  // Also when they are empty: programs look for them.
  for (auto list : {"masters", "nodes", "shards"})
    result[list] = ordered_json::array();
  for (auto& m : x.masters)
    result["masters"].push_back({{"name", m.name},
                                 {"address", m.address},
                                 {"leading", m.leading},
                                 {"seen_ms", m.seen_ms}});
  for (auto& n : x.nodes)
    result["nodes"].push_back({{"name", n.spec.name},
                               {"host", n.spec.host},
                               {"pid", n.spec.pid},
                               {"weight", n.spec.weight},
                               {"alive", n.alive},
                               {"suspect", n.suspect},
                               {"leaving", n.leaving},
                               {"drained", n.spec.drained},
                               {"last_beat_ms", n.last_beat_ms},
                               {"report_age_ms", n.report_age_ms},
                               {"shards", n.shards},
                               {"queues", to_json(n.queues)}});
  for (auto& s : x.shards) {
    auto& r = s.report;
    ordered_json tickers = ordered_json::array();
    for (auto& t : r.tickers) {
      ordered_json row{{"symbol", t.symbol}};
      if (t.last_bar_s > 0) {
        row["last_bar"] = bar_time(t.last_bar_s);
        row["last_close"] = static_cast<double>(t.last_close_e4) / price_scale;
      } else {
        row["last_bar"] = nullptr;
        row["last_close"] = nullptr;
      }
      row["bars"] = t.bars;
      row["fetcher"] = t.fetcher;
      tickers.push_back(std::move(row));
    }
    result["shards"].push_back({{"shard", r.shard},
                                {"owner", s.owner},
                                {"epoch", r.epoch},
                                {"state", r.state},
                                {"phase", s.phase},
                                {"phase_ms", s.phase_ms},
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
  auto& b = x.budget;
  result["api_budget"] = {{"calls_per_minute", b.calls_per_minute},
                          {"calls_per_day", b.calls_per_day},
                          {"used_today", b.used_today},
                          {"granted", b.granted},
                          {"refused", b.refused},
                          {"closed_for_ms", b.closed_for_ms},
                          {"closed_reason", b.closed_reason}};
  return result;
}

std::string limit(std::int64_t x) {
  return x == 0 ? "no limit" : std::to_string(x);
}

void print_queues(const std::vector<node_status>& nodes) {
  auto any = std::any_of(nodes.begin(), nodes.end(),
                         [](auto& n) { return !n.queues.empty(); });
  if (!any)
    return;
  fmt::print("\n{:<20} {:<24} {:>8} {:>8} {:>8}\n", "NODE", "QUEUE", "NOW",
             "HIGHEST", "BOUND");
  for (auto& n : nodes)
    for (auto& x : n.queues)
      fmt::print("{:<20} {:<24} {:>8} {:>8} {:>8}\n", n.spec.name, x.name,
                 x.size, x.highest, x.bound);
}

void print(const cluster_status& x) {
  fmt::print("Tickerflow {}  term {}  master up {} s\n\n", x.version, x.term,
             x.uptime_s);
  if (x.masters.size() > 1) {
    fmt::print("{:<20} {:<28} {:<8} {:>8}\n", "MASTER", "ADDRESS", "STATE",
               "SEEN");
    for (auto& m : x.masters)
      fmt::print("{:<20} {:<28} {:<8} {:>5} ms\n", m.name, m.address,
                 state_of(m), m.seen_ms);
    fmt::print("\n");
  }
  fmt::print("{:<20} {:<20} {:>7}  {:<8} {:>6} {:>8} {:>7}\n", "NODE", "HOST",
             "PID", "STATE", "WEIGHT", "BEAT", "SHARDS");
  for (auto& n : x.nodes)
    fmt::print("{:<20} {:<20} {:>7}  {:<8} {:>6} {:>5} ms {:>7}\n",
               n.spec.name, n.spec.host, n.spec.pid, state_of(n),
               n.spec.weight, n.last_beat_ms, n.shards);
  if (x.nodes.empty())
    fmt::print("(none: start one with \"tickerflow worker\")\n");
  fmt::print("\n{:>5}  {:<20} {:>6}  {:<9} {:>11} {:>8} {:>10} {:>9} {:>8} "
             "{:>7}\n",
             "SHARD", "OWNER", "EPOCH", "STATE", "NEXT", "LAG", "BARS",
             "CORRECTED", "WINDOWS", "DEAD");
  for (auto& s : x.shards) {
    auto& r = s.report;
    fmt::print("{:>5}  {:<20} {:>6}  {:<9} {:>11} {:>8} {:>10} {:>9} {:>8} "
               "{:>7}\n",
               r.shard, s.owner.empty() ? "-" : s.owner, r.epoch, r.state,
               r.next_offset, r.lag, r.bars, r.corrections, r.windows,
               r.dead_letters);
  }
  fmt::print("\n{:<10} {:>5}  {:<19} {:>12} {:>9}  {}\n", "TICKER", "SHARD",
             "LAST BAR (NEW YORK)", "CLOSE", "BARS", "FETCHER");
  for (auto& s : x.shards)
    for (auto& t : s.report.tickers)
      fmt::print("{:<10} {:>5}  {:<19} {:>12} {:>9}  {}\n", t.symbol,
                 s.report.shard,
                 t.last_bar_s > 0 ? new_york(t.last_bar_s) : "-",
                 t.last_bar_s > 0 ? format_e4(t.last_close_e4) : "-", t.bars,
                 t.fetcher.empty() ? "-" : t.fetcher);
  print_queues(x.nodes);
  auto& b = x.budget;
  fmt::print("\nAPI budget: {} a minute, {} a day; {} used today, {} granted "
             "and {} refused since the master started\n",
             limit(b.calls_per_minute), limit(b.calls_per_day), b.used_today,
             b.granted, b.refused);
  if (b.closed_for_ms > 0)
    fmt::print("API closed for {} s: {}\n", b.closed_for_ms / 1000,
               b.closed_reason);
}

struct status_command {
  flag_values flags;
  bool as_json = false;

  int run() const {
    auto x = read_settings(flags);
    if (!x)
      return exit_usage;
    return ask_master(*x, [this](caf::scoped_actor& self,
                                 const coordinator_actor& master) {
      caf::error result;
      self->request(master, master_answer_timeout, status_atom_v)
          .receive(
              [&](const cluster_status& status) {
                if (as_json)
                  std::cout << to_json(status).dump(2) << '\n';
                else
                  print(status);
              },
              [&](caf::error& x) { result = std::move(x); });
      return result;
    });
  }
};

} // namespace

void add_status(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "status", "Show nodes, shards, tickers, lag and the API budget");
  verb->group("Look");
  auto command = std::make_shared<status_command>();
  verb->add_flag("--json", command->as_json, "as JSON, for programs");
  add_setting_flags(*verb, command->flags, verb_kind::status);
  verb->callback([command, &exit_code] { exit_code = command->run(); });
}

} // namespace tickerflow
