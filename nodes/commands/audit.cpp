#include "io/console_client/target.hpp"
#include "nodes/commands/look.hpp"
#include "nodes/commands/table.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tickerflow {

void add_audit(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "audit", "Show who acted since the master started, newest first");
  verb->group("Look");
  auto options = std::make_shared<look_options>();
  add_look_flags(*verb, *options, {true, true, false});
  verb->callback([options, &exit_code] {
    auto target = with_query(api_path({"audit"}),
                             {{"limit", std::to_string(options->limit)}});
    exit_code = look(
        *options, [&](api_session& x) { return x.get(target); },
        [](const ordered_json& answer, const paper& x) {
          auto& items = part_at(answer, "items");
          if (items.empty())
            return styled_text{{{"nobody has acted", tone::plain}}};
          table rows{{{"AT (UTC)"},
                      {"ROLE"},
                      {"WHO", false, 9},
                      {"ACTION", false, 16},
                      {"RESULT", false, 12}}};
          for (auto& line : items)
            rows.add({{time_text(text_at(line, "at"), zone::utc)},
                      {text_at(line, "role")},
                      {text_at(line, "who")},
                      {text_at(line, "action")},
                      {text_at(line, "result")}});
          return rows.lines(x.width);
        });
  });
}

} // namespace tickerflow
