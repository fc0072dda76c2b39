#include "io/console_client/target.hpp"
#include "nodes/commands/lists.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tickerflow {

namespace {

table queues_table(const ordered_json& nodes) {
  table result{{{"NODE", false, 10},
                {"QUEUE", false, 12},
                {"NOW", true},
                {"HIGHEST", true},
                {"BOUND", true}}};
  for (auto& node : nodes)
    for (auto& x : part_at(node, "queues")) {
      auto bound = whole_at(x, "bound").value_or(0);
      auto now = whole_at(x, "now");
      result.add({{text_at(node, "name")},
                  {text_at(x, "queue")},
                  {count_text(now), bound > 0 && now.value_or(0) >= bound
                                        ? tone::warning
                                        : tone::plain},
                  {count_text(whole_at(x, "highest"))},
                  {bound > 0 ? std::to_string(bound) : "-"}});
    }
  return result;
}

} // namespace

table nodes_table(const ordered_json& items) {
  table result{{{"NODE", false, 10},
                {"ROLE"},
                {"STATE"},
                {"SHARDS", true},
                {"ACTORS", true, 0, 6},
                {"WEIGHT", true, 0, 3},
                {"BEAT", true},
                {"MEMORY", true, 0, 5},
                {"CPU", true, 0, 4},
                {"HOST", false, 8, 2},
                {"PID", true, 0, 1},
                {"WHAT", false, 20, 8}}};
  for (auto& x : items) {
    auto state = text_at(x, "state");
    auto role = text_at(x, "role");
    auto works = role == "worker";
    result.add({{text_at(x, "name")},
                {role},
                {state, tone_of_state(state)},
                {works ? count_text(whole_at(x, "shards")) : "-"},
                {count_text(whole_at(x, "actors"))},
                {works ? count_text(whole_at(x, "weight")) : "-"},
                {millis_text(number_at(x, "last_beat_ms"))},
                {bytes_text(whole_at(x, "memory_bytes"))},
                {share_text(number_at(x, "cpu_share"))},
                {text_at(x, "host")},
                {count_text(whole_at(x, "pid"))},
                {text_at(x, "text")}});
  }
  return result;
}

void add_nodes(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "nodes", "Show masters and workers, what they serve and their queues");
  verb->group("Look");
  auto options = std::make_shared<look_options>();
  add_look_flags(*verb, *options);
  verb->callback([options, &exit_code] {
    exit_code = look(
        *options, [](api_session& x) { return x.get(api_path({"nodes"})); },
        [](const ordered_json& answer, const paper& x) {
          auto& items = part_at(answer, "items");
          auto result = nodes_table(items).lines(x.width);
          auto queues = queues_table(items);
          if (queues.rows() == 0)
            return result;
          result.emplace_back();
          for (auto& line : queues.lines(x.width))
            result.push_back(std::move(line));
          return result;
        });
  });
}

} // namespace tickerflow
