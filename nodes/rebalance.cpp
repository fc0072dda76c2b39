#include "io/settings/flags.hpp"
#include "nodes/ask_master.hpp"
#include "nodes/read_settings.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>
#include <caf/all.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <charconv>
#include <memory>

namespace tickerflow {

namespace {

/// "NAME" or "NAME:WEIGHT".
std::optional<node_spec> parse_node(const std::string& text) {
  node_spec result;
  auto colon = text.rfind(':');
  result.name = text.substr(0, colon);
  if (colon != std::string::npos) {
    auto end = text.data() + text.size();
    auto [stop, code] =
        std::from_chars(text.data() + colon + 1, end, result.weight);
    if (code != std::errc{} || stop != end || result.weight < 1
        || result.weight > 1000)
      return std::nullopt;
  }
  if (result.name.empty())
    return std::nullopt;
  return result;
}

void print(const std::vector<planned_move>& moves, bool as_json) {
  if (as_json) {
    nlohmann::ordered_json result = nlohmann::ordered_json::array();
    for (auto& x : moves)
      result.push_back({{"shard", x.shard},
                        {"from", x.from},
                        {"to", x.to},
                        {"reason", x.reason}});
    fmt::print("{}\n", result.dump(2));
    return;
  }
  if (moves.empty()) {
    fmt::print("no shard moves\n");
    return;
  }
  fmt::print("{:>5}  {:<20} {:<20} {}\n", "SHARD", "FROM", "TO", "REASON");
  for (auto& x : moves)
    fmt::print("{:>5}  {:<20} {:<20} {}\n", x.shard,
               x.from.empty() ? "-" : x.from, x.to.empty() ? "-" : x.to,
               x.reason);
}

struct rebalance_command {
  flag_values flags;
  bool dry_run = false;
  bool as_json = false;
  std::vector<std::string> without;
  std::vector<std::string> with;

  int run() const {
    move_question question;
    question.carry_out = !dry_run;
    question.without = without;
    for (auto& x : with) {
      auto node = parse_node(x);
      if (!node) {
        fmt::print(stderr,
                   "--with {}: must be NAME or NAME:WEIGHT with a weight from "
                   "1 to 1000\n",
                   x);
        return exit_usage;
      }
      question.with.push_back(*node);
    }
    if (!dry_run && !(without.empty() && with.empty())) {
      fmt::print(stderr, "--without and --with are assumptions: give them with "
                         "--dry-run (\"tickerflow drain\" empties a node)\n");
      return exit_usage;
    }
    auto x = read_settings(flags);
    if (!x)
      return exit_usage;
    return ask_master(*x, [&](caf::scoped_actor& self,
                              const coordinator_actor& master) {
      caf::error result;
      self->request(master, master_answer_timeout, rebalance_atom_v, question)
          .receive(
              [&](const std::vector<planned_move>& moves) {
                print(moves, as_json);
              },
              [&](caf::error& reason) { result = std::move(reason); });
      return result;
    });
  }
};

} // namespace

void add_rebalance(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "rebalance", "Move shards to where rendezvous hashing alone would put "
                   "them, or show what would move");
  verb->group("Operate");
  auto command = std::make_shared<rebalance_command>();
  verb->add_flag("--dry-run", command->dry_run, "only show what would move");
  verb->add_option("--without", command->without,
                   "assume that this node is gone; may be repeated");
  verb->add_option("--with", command->with,
                   "assume that NAME[:WEIGHT] joins; may be repeated");
  verb->add_flag("--json", command->as_json, "as JSON, for programs");
  add_setting_flags(*verb, command->flags, verb_kind::status);
  verb->callback([command, &exit_code] { exit_code = command->run(); });
}

} // namespace tickerflow
