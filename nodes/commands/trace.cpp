#include "io/console_client/target.hpp"
#include "nodes/commands/display_width.hpp"
#include "nodes/commands/look.hpp"
#include "nodes/commands/table.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace tickerflow {

namespace {

styled_text trace_page(const ordered_json& answer, const paper& x) {
  auto zone = x.market_zone();
  styled_text result;
  result.push_back({{printable(text_at(answer, "symbol")), tone::heading},
                    {", bar of " + time_text(text_at(answer, "start"), zone)
                     + ' ' + name_of(zone)}});
  table rows{{{"STEP"},
              {"AT (" + heading_of(zone) + ')'},
              {"AFTER", true},
              {"WHAT", false, 20}}};
  for (auto& step : part_at(answer, "steps")) {
    auto at = text_at(step, "at");
    rows.add({{text_at(step, "step")},
              {at.empty() ? "not yet" : exact_time_text(at, zone),
               at.empty() ? tone::warning : tone::plain},
              {millis_text(number_at(step, "after_ms"))},
              {text_at(step, "text")}});
  }
  for (auto& line : rows.lines(x.width))
    result.push_back(std::move(line));
  return result;
}

struct trace_command : look_options {
  std::string symbol;
  std::string start;

  int run() const {
    std::string from;
    if (!start.empty()) {
      auto t = time_given(start);
      if (!t) {
        std::cerr << "--start " << printable(start) << ": " << time_forms
                  << '\n';
        return exit_usage;
      }
      from = *t;
    }
    auto target = with_query(api_path({"trace", symbol}), {{"start", from}});
    return look(
        *this, [&](api_session& x) { return x.get(target); }, trace_page);
  }
};

} // namespace

void add_trace(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "trace", "Show one bar's way from the source to its row");
  verb->group("Look");
  auto command = std::make_shared<trace_command>();
  verb->add_option("SYMBOL", command->symbol, "e.g. MSFT")->required();
  verb->add_option("--start", command->start,
                   "when the bar starts, New York or RFC 3339; default: the "
                   "newest bar")
      ->type_name("TIME");
  add_look_flags(*verb, *command, {true, false, true});
  verb->callback([command, &exit_code] { exit_code = command->run(); });
}

} // namespace tickerflow
