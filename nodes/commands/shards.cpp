#include "io/console_client/target.hpp"
#include "nodes/commands/lists.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tickerflow {

namespace {

std::string named(const std::string& node) { return node.empty() ? "-" : node; }

std::string joined(const ordered_json& words) {
  std::string result;
  for (auto& x : words)
    if (x.is_string())
      result += (result.empty() ? "" : " ") + x.get<std::string>();
  return result;
}

table moves_table(const ordered_json& moves) {
  table result{{{"MOVED (UTC)"},
                {"SHARD", true},
                {"FROM", false, 8},
                {"TO", false, 8},
                {"EPOCH", true},
                {"REASON", false, 12}}};
  for (auto& x : moves)
    result.add({{time_text(text_at(x, "at"), zone::utc)},
                {count_text(whole_at(x, "shard"))},
                {named(text_at(x, "from"))},
                {named(text_at(x, "to"))},
                {count_text(whole_at(x, "epoch"))},
                {text_at(x, "reason")}});
  return result;
}

table fences_table(const ordered_json& fences) {
  table result{{{"FENCED (UTC)"},
                {"SHARD", true},
                {"NODE", false, 8},
                {"EPOCH", true},
                {"SEEN", true},
                {"REASON", false, 12}}};
  for (auto& x : fences)
    result.add({{time_text(text_at(x, "at"), zone::utc)},
                {count_text(whole_at(x, "shard"))},
                {text_at(x, "node")},
                {count_text(whole_at(x, "epoch"))},
                {count_text(whole_at(x, "seen_epoch"))},
                {text_at(x, "reason")}});
  return result;
}

void append(styled_text& to, const table& rows, std::size_t width) {
  if (rows.rows() == 0)
    return;
  to.emplace_back();
  for (auto& line : rows.lines(width))
    to.push_back(std::move(line));
}

} // namespace

table shards_table(const ordered_json& items) {
  table result{{{"SHARD", true},
                {"OWNER", false, 8},
                {"EPOCH", true, 0, 6},
                {"PHASE"},
                {"STATE", false, 0, 7},
                {"NEXT", true, 0, 4},
                {"LAG", true},
                {"BARS", true},
                {"CORRECTED", true, 0, 3},
                {"TWICE", true, 0, 2},
                {"WINDOWS", true, 0, 5},
                {"DEAD", true},
                {"TICKERS", false, 12, 1}}};
  for (auto& x : items) {
    auto phase = text_at(x, "phase");
    auto dead = whole_at(x, "dead_letters");
    auto owner = text_at(x, "owner");
    result.add(
        {{count_text(whole_at(x, "shard"))},
         {named(owner), owner.empty() ? tone::bad : tone::plain},
         {count_text(whole_at(x, "epoch"))},
         {phase, phase == "assigned" ? tone::plain : tone::warning},
         {text_at(x, "state")},
         {count_text(whole_at(x, "next_offset"))},
         {count_text(whole_at(x, "lag"))},
         {count_text(whole_at(x, "bars"))},
         {count_text(whole_at(x, "corrections"))},
         {count_text(whole_at(x, "duplicates"))},
         {count_text(whole_at(x, "windows"))},
         {count_text(dead), dead.value_or(0) > 0 ? tone::warning : tone::plain},
         {joined(part_at(x, "tickers"))}});
  }
  return result;
}

void add_shards(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "shards", "Show who serves which shard, recent moves and fences");
  verb->group("Look");
  auto options = std::make_shared<look_options>();
  add_look_flags(*verb, *options);
  verb->callback([options, &exit_code] {
    exit_code = look(
        *options, [](api_session& x) { return x.get(api_path({"shards"})); },
        [](const ordered_json& answer, const paper& x) {
          auto result = shards_table(part_at(answer, "items")).lines(x.width);
          append(result, moves_table(part_at(answer, "moves")), x.width);
          append(result, fences_table(part_at(answer, "fences")), x.width);
          return result;
        });
  });
}

} // namespace tickerflow
