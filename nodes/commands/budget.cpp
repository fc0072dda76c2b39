#include "io/console_client/target.hpp"
#include "nodes/commands/display_width.hpp"
#include "nodes/commands/look.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tickerflow {

namespace {

std::string limit_text(std::optional<std::int64_t> x) {
  return x == 0 ? "no limit" : count_text(x);
}

styled_text budget_page(const ordered_json& b, const paper&) {
  styled_text result;
  auto fact = [&](const std::string& name, const std::string& text,
                  tone look = tone::plain) {
    result.push_back({{fitted(name, 16), tone::dim}, {printable(text), look}});
  };
  result.push_back({{printable(text_at(b, "text")), tone::heading}});
  fact("a minute", limit_text(whole_at(b, "calls_per_minute")));
  fact("a day", limit_text(whole_at(b, "calls_per_day")));
  auto left = whole_at(b, "left_today");
  fact("used today", count_text(whole_at(b, "used_today")));
  fact("left today", left ? count_text(left) : "no limit",
       left == 0 ? tone::bad : tone::plain);
  fact("new day",
       time_text(text_at(b, "resets_at"), zone::new_york) + " New York");
  fact("since start", count_text(whole_at(b, "granted")) + " granted, "
                          + count_text(whole_at(b, "refused")) + " refused");
  if (auto ms = whole_at(b, "closed_for_ms"); ms.value_or(0) > 0)
    fact("closed",
         "for " + span_text(*ms / 1000) + ": " + text_at(b, "closed_reason"),
         tone::warning);
  return result;
}

} // namespace

void add_budget(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "budget", "Show the API key's budget and what it allows");
  verb->group("Look");
  auto options = std::make_shared<look_options>();
  add_look_flags(*verb, *options);
  verb->callback([options, &exit_code] {
    exit_code = look(
        *options, [](api_session& x) { return x.get(api_path({"budget"})); },
        budget_page);
  });
}

} // namespace tickerflow
