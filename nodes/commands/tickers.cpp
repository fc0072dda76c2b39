#include "io/console_client/target.hpp"
#include "nodes/commands/display_width.hpp"
#include "nodes/commands/list_verb.hpp"
#include "nodes/commands/lists.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include <memory>

namespace tickerflow {

namespace {

/// @returns "399.618": prices have four digits behind the point at most
std::string price_text(std::optional<double> x) {
  if (!x)
    return "-";
  auto result = fmt::format("{:.4f}", *x);
  auto point = result.find('.');
  while (result.back() == '0' && result.size() > point + 3)
    result.pop_back();
  return result;
}

struct list_command : look_options {
  std::string q;

  int run() const {
    auto target = with_query(api_path({"tickers"}), {{"q", q}});
    return look(
        *this, [&](api_session& x) { return x.get_all(target, limit); },
        [](const ordered_json& answer, const paper& x) {
          auto& items = part_at(answer, "items");
          auto result = tickers_table(items, x).lines(x.width);
          result.push_back(
              list_end(items.size(), whole_at(answer, "total"), "ticker"));
          return result;
        });
  }
};

void add_list_flags(CLI::App& verb, list_command& to) {
  verb.add_option("--find", to.q, "with this text")->type_name("TEXT");
  add_look_flags(verb, to, {true, true, true});
}

styled_text ticker_page(const ordered_json& t, const paper& x) {
  auto level = text_at(t, "level");
  styled_text result;
  auto fact = [&](const std::string& name, const std::string& text,
                  tone look = tone::plain) {
    result.push_back({{fitted(name, 14), tone::dim}, {printable(text), look}});
  };
  result.push_back({{printable(text_at(t, "symbol")), tone::heading}});
  fact("freshness", text_at(t, "freshness"), tone_of_level(level));
  auto zone = x.market_zone();
  fact("last bar",
       text_at(t, "last_bar").empty()
           ? "none yet"
           : time_text(text_at(t, "last_bar"), zone) + ' ' + name_of(zone));
  auto close = number_at(t, "last_close");
  auto before = number_at(t, "previous_close");
  auto price = price_text(close);
  if (close && before && *before != 0)
    price += fmt::format(" ({:+.2f}% to the close before, {})",
                         (*close / *before - 1) * 100, price_text(before));
  fact("close", price);
  fact("bars of", span_text(whole_at(t, "interval_s")));
  fact("bars", count_text(whole_at(t, "bars")) + " stored");
  fact("corrected",
       count_text(whole_at(t, "revisions")) + " in the last 5 sessions");
  fact("missing", count_text(whole_at(t, "gaps")) + " in the last 5 sessions",
       whole_at(t, "gaps").value_or(0) > 0 ? tone::warning : tone::plain);
  fact("shard", count_text(whole_at(t, "shard")) + " on " + text_at(t, "node"));
  fact("fetcher", text_at(t, "fetcher"));
  if (flag_at(t, "paused"))
    fact("paused", "\"tickerflow tickers resume " + text_at(t, "symbol") + '"',
         tone::warning);
  return result;
}

struct symbol_command : look_options {
  std::vector<std::string> symbols;

  int show() const {
    auto target = api_path({"tickers", symbols.front()});
    return look(
        *this, [&](api_session& x) { return x.get(target); }, ticker_page);
  }

  int tell_each(const std::string& what) const {
    std::vector<std::string> targets;
    for (auto& x : symbols)
      targets.push_back(api_path({"tickers", x, what}));
    return act(*this, targets);
  }
};

void add_action(CLI::App& tickers, const std::string& name,
                const std::string& help, int& exit_code) {
  auto command = std::make_shared<symbol_command>();
  auto verb =
      tickers.add_subcommand(name, help + "; needs the operator's token");
  verb->add_option("SYMBOL", command->symbols, "one or more")->required();
  add_look_flags(*verb, *command, {false, false, false});
  verb->callback(
      [command, name, &exit_code] { exit_code = command->tell_each(name); });
}

} // namespace

table tickers_table(const ordered_json& items, const paper& x) {
  auto zone = x.market_zone();
  table result{{{"TICKER"},
                {"LAST BAR (" + heading_of(zone) + ')'},
                {"CLOSE", true},
                {"BARS", true, 0, 5},
                {"FRESHNESS", false, 14},
                {"SHARD", true, 0, 3},
                {"NODE", false, 8, 2},
                {"FETCHER", false, 10, 4}}};
  for (auto& t : items)
    result.add({{text_at(t, "symbol")},
                {time_text(text_at(t, "last_bar"), zone)},
                {price_text(number_at(t, "last_close"))},
                {count_text(whole_at(t, "bars"))},
                {text_at(t, "freshness"), tone_of_level(text_at(t, "level"))},
                {count_text(whole_at(t, "shard"))},
                {text_at(t, "node")},
                {flag_at(t, "paused") ? "paused" : text_at(t, "fetcher"),
                 flag_at(t, "paused") ? tone::warning : tone::plain}});
  return result;
}

void add_tickers(CLI::App& program, int& exit_code) {
  auto verb = add_list_verb(
      program, "tickers", "Show tickers and how fresh they are; pause, resume",
      add_list_flags, exit_code);
  auto shown = std::make_shared<symbol_command>();
  auto show = verb->add_subcommand("show", "Look at one");
  show->add_option("SYMBOL", shown->symbols, "e.g. MSFT")
      ->required()
      ->expected(1);
  add_look_flags(*show, *shown, {true, false, true});
  show->callback([shown, &exit_code] { exit_code = shown->show(); });
  add_action(*verb, "pause",
             "Stop fetching tickers until they are resumed, across restarts",
             exit_code);
  add_action(*verb, "resume", "Fetch paused tickers again", exit_code);
}

} // namespace tickerflow
