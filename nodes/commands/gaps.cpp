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

styled_text gaps_page(const ordered_json& answer, const paper& x) {
  auto& items = part_at(answer, "items");
  if (items.empty())
    return {{{"no bar is missing", tone::good}}};
  auto zone = x.market_zone();
  table rows{{{"TICKER"},
              {"FROM (" + heading_of(zone) + ')'},
              {"TO (" + heading_of(zone) + ')'},
              {"MISSING", true}}};
  for (auto& gap : items)
    rows.add({{text_at(gap, "symbol")},
              {time_text(text_at(gap, "from"), zone)},
              {time_text(text_at(gap, "to"), zone)},
              {count_text(whole_at(gap, "bars"))}});
  return rows.lines(x.width);
}

struct gaps_command : look_options {
  std::string symbol;
  std::string from;
  std::string to;

  int run() const {
    std::vector<std::pair<std::string, std::string>> query{
        {"symbol", symbol}, {"limit", std::to_string(limit)}};
    for (auto& [name, text] : {std::pair{"from", from}, std::pair{"to", to}}) {
      if (text.empty())
        continue;
      auto t = time_given(text);
      if (!t) {
        std::cerr << "--" << name << ' ' << printable(text) << ": "
                  << time_forms << '\n';
        return exit_usage;
      }
      query.emplace_back(name, *t);
    }
    auto target = with_query(api_path({"gaps"}), query);
    return look(
        *this, [&](api_session& x) { return x.get(target); }, gaps_page);
  }
};

} // namespace

void add_gaps(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "gaps", "Show bars that the calendar promises and the table lacks");
  verb->group("Look");
  auto command = std::make_shared<gaps_command>();
  verb->add_option("SYMBOL", command->symbol, "of one ticker; default: all");
  verb->add_option("--from", command->from,
                   "not before this day or time, New York or RFC 3339")
      ->type_name("TIME");
  verb->add_option("--to", command->to, "before this one")->type_name("TIME");
  add_look_flags(*verb, *command, {true, true, true});
  verb->callback([command, &exit_code] { exit_code = command->run(); });
}

} // namespace tickerflow
