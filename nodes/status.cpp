#include "io/settings/flags.hpp"
#include "market/exchange_time.hpp"
#include "market/price.hpp"
#include "messages/coordinator.hpp"
#include "nodes/process.hpp"
#include "nodes/read_settings.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>
#include <caf/io/all.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

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

ordered_json to_json(const cluster_status& x) {
  ordered_json result;
  result["version"] = x.version;
  result["term"] = x.term;
  result["uptime_s"] = x.uptime_s;
  for (auto& n : x.nodes)
    result["nodes"].push_back({{"name", n.spec.name},
                               {"host", n.spec.host},
                               {"pid", n.spec.pid},
                               {"alive", n.alive},
                               {"suspect", n.suspect},
                               {"last_beat_ms", n.last_beat_ms},
                               {"shards", n.shards}});
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

void print(const cluster_status& x) {
  fmt::print("Tickerflow {}  term {}  master up {} s\n\n", x.version, x.term,
             x.uptime_s);
  fmt::print("{:<20} {:<20} {:>7}  {:<8} {:>8} {:>7}\n", "NODE", "HOST", "PID",
             "STATE", "BEAT", "SHARDS");
  for (auto& n : x.nodes)
    fmt::print("{:<20} {:<20} {:>7}  {:<8} {:>5} ms {:>7}\n", n.spec.name,
               n.spec.host, n.spec.pid,
               !n.alive    ? "dead"
               : n.suspect ? "suspect"
                           : "alive",
               n.last_beat_ms, n.shards);
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
    node_config config{*x};
    caf::actor_system system{config};
    caf::scoped_actor self{system};
    auto& address = x->cluster.master;
    auto unreachable = [&](const std::string& reason) {
      std::cerr << "no answer from the master at " << to_string(address) << ": "
                << reason
                << " (is it running? give its address with --master)\n";
      return exit_failed;
    };
    // Through the middleman's actor: connecting directly has no timeout.
    std::string reason;
    coordinator_actor master;
    self->request(system.middleman().actor_handle(), std::chrono::seconds{3},
                  caf::connect_atom::value, address.host, address.port)
        .receive(
            [&](const caf::node_id&, caf::strong_actor_ptr& found,
                const std::set<std::string>&) {
              if (found)
                master = caf::actor_cast<coordinator_actor>(found);
              else
                reason = "no master behind that port";
            },
            [&](const caf::error& x) { reason = system.render(x); });
    if (!master)
      return unreachable(reason);
    int result = exit_ok;
    self->request(master, std::chrono::seconds{5}, status_atom_v)
        .receive(
            [&](const cluster_status& status) {
              if (as_json)
                std::cout << to_json(status).dump(2) << '\n';
              else
                print(status);
            },
            [&](const caf::error& x) {
              result = unreachable(system.render(x));
            });
    return result;
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
