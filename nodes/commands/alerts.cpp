#include "io/console_client/target.hpp"
#include "nodes/commands/lists.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tickerflow {

namespace {

struct alerts_command : look_options {
  std::string fail_on;

  int run() const {
    auto worst = tone::plain;
    auto code = look(
        *this,
        [&](api_session& x) {
          auto answer = x.get(api_path({"alerts"}));
          if (auto found = std::get_if<ordered_json>(&answer))
            for (auto& alert : part_at(*found, "items"))
              worst = std::max(worst, tone_of_level(text_at(alert, "level")));
          return answer;
        },
        [](const ordered_json& answer, const paper& x) {
          auto& items = part_at(answer, "items");
          if (items.empty())
            return styled_text{{{"nothing is wrong", tone::good}}};
          return alerts_table(items).lines(x.width);
        });
    if (code != exit_ok || fail_on.empty())
      return code;
    return worst >= tone_of_level(fail_on) ? exit_failed : exit_ok;
  }
};

} // namespace

table alerts_table(const ordered_json& items) {
  table result{{{"LEVEL"},
                {"ABOUT", false, 0, 3},
                {"WHICH", false, 6, 4},
                {"WHAT", false, 30},
                {"SINCE (UTC)", false, 0, 2}}};
  for (auto& x : items) {
    auto level = text_at(x, "level");
    result.add({{level, tone_of_level(level)},
                {text_at(x, "about")},
                {text_at(x, "subject")},
                {text_at(x, "text")},
                {time_text(text_at(x, "since"), zone::utc)}});
  }
  return result;
}

void add_alerts(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "alerts", "Show what is wrong now, in words, worst first");
  verb->group("Look");
  auto command = std::make_shared<alerts_command>();
  verb->add_option("--fail-on", command->fail_on,
                   "end with exit code 1 if something is so bad, or worse")
      ->check(CLI::IsMember({"info", "warning", "critical"}));
  add_look_flags(*verb, *command);
  verb->callback([command, &exit_code] { exit_code = command->run(); });
}

} // namespace tickerflow
