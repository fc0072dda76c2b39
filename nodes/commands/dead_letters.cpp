#include "io/console_client/target.hpp"
#include "nodes/commands/display_width.hpp"
#include "nodes/commands/list_verb.hpp"
#include "nodes/commands/lists.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include <iostream>
#include <memory>

namespace tickerflow {

namespace {

std::string letter_id(const ordered_json& x) {
  return text_at(x, "topic") + '/' + text_at(x, "shard") + '/'
         + text_at(x, "offset");
}

/// @returns the letter's path; empty after telling why on stderr
std::string letter_target(const std::string& id) {
  auto second = id.rfind('/');
  auto first = second == std::string::npos || second == 0
                   ? std::string::npos
                   : id.rfind('/', second - 1);
  auto is_number = [](const std::string& x) {
    return !x.empty() && x.find_first_not_of("0123456789") == std::string::npos;
  };
  if (first == std::string::npos || first == 0
      || !is_number(id.substr(first + 1, second - first - 1))
      || !is_number(id.substr(second + 1))) {
    std::cerr << '"' << printable(id)
              << "\" names no dead letter: give TOPIC/SHARD/OFFSET, as "
                 "\"tickerflow dlq ls\" shows it\n";
    return {};
  }
  return api_path({"dead-letters", id.substr(0, first),
                   id.substr(first + 1, second - first - 1),
                   id.substr(second + 1)});
}

styled_text list_page(const ordered_json& answer, const paper& x) {
  auto& items = part_at(answer, "items");
  if (items.empty())
    return {{{"no dead letters", tone::good}}};
  table rows{{{"LETTER", false, 12},
              {"STORED (UTC)"},
              {"REASON"},
              {"KEY", false, 6, 3},
              {"SIZE", true, 0, 2},
              {"DETAIL", false, 20}}};
  for (auto& letter : items)
    rows.add({{letter_id(letter)},
              {time_text(text_at(letter, "stored_at"), zone::utc)},
              {text_at(letter, "reason")},
              {text_at(letter, "key")},
              {bytes_text(whole_at(letter, "size"))},
              {text_at(letter, "detail")}});
  auto result = rows.lines(x.width);
  std::int64_t total = 0;
  std::string reasons;
  auto& counts = part_at(answer, "reasons");
  for (auto i = counts.begin(); counts.is_object() && i != counts.end(); ++i)
    if (i->is_number_integer()) {
      total += i->get<std::int64_t>();
      reasons += (reasons.empty() ? ": " : ", ")
                 + std::to_string(i->get<std::int64_t>()) + ' '
                 + printable(i.key());
    }
  result.push_back(list_end(items.size(), std::nullopt, "letter"));
  if (total > 0)
    result.push_back({{fmt::format("{} in all{}", total, reasons), tone::dim}});
  return result;
}

styled_text letter_page(const ordered_json& x, const paper&) {
  styled_text result;
  auto fact = [&](const std::string& name, const std::string& text) {
    result.push_back({{fitted(name, 10), tone::dim}, {printable(text)}});
  };
  auto id = letter_id(x);
  result.push_back({{printable(id), tone::heading}});
  fact("reason", text_at(x, "reason"));
  fact("detail", text_at(x, "detail"));
  fact("stored", time_text(text_at(x, "stored_at"), zone::utc) + " UTC");
  fact("key", text_at(x, "key"));
  fact("size", bytes_text(whole_at(x, "size")));
  fact("replay", flag_at(x, "can_replay")
                     ? "\"tickerflow dlq replay " + id + '"'
                     : "not this one: it has no key or payload to send");
  result.emplace_back();
  result.push_back({{printable(text_at(x, "payload"), true)}});
  return result;
}

struct list_command : look_options {
  std::string q;
  std::string reason;
  std::string shard;

  int run() const {
    auto target = with_query(api_path({"dead-letters"}),
                             {{"q", q}, {"reason", reason}, {"shard", shard}});
    return look(
        *this, [&](api_session& x) { return x.get_all(target, limit); },
        list_page);
  }
};

void add_list_flags(CLI::App& verb, list_command& to) {
  verb.add_option("--find", to.q, "with this text in detail, key or payload")
      ->type_name("TEXT");
  verb.add_option("--reason", to.reason, "with this reason")
      ->type_name("REASON");
  verb.add_option("--shard", to.shard, "of this shard")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
  add_look_flags(verb, to, {true, true, false});
}

struct letter_command : look_options {
  std::vector<std::string> letters;

  int show() const {
    auto target = letter_target(letters.front());
    if (target.empty())
      return exit_usage;
    return look(
        *this, [&](api_session& x) { return x.get(target); }, letter_page);
  }

  int replay() const {
    std::vector<std::string> targets;
    for (auto& x : letters) {
      auto target = letter_target(x);
      if (target.empty())
        return exit_usage;
      targets.push_back(target + "/replay");
    }
    return act(*this, targets, [](const ordered_json& x) {
      return "sent again, to " + letter_id(x);
    });
  }
};

} // namespace

void add_dead_letters(CLI::App& program, int& exit_code) {
  auto verb = add_list_verb(
      program, "dlq", "Show records that could not be used; send one again",
      add_list_flags, exit_code);
  auto shown = std::make_shared<letter_command>();
  auto show = verb->add_subcommand("show", "Look at one with its bytes");
  show->add_option("LETTER", shown->letters,
                   "TOPIC/SHARD/OFFSET, as \"dlq ls\" shows it")
      ->required()
      ->expected(1);
  add_look_flags(*show, *shown, {false, false, false});
  show->callback([shown, &exit_code] { exit_code = shown->show(); });
  auto replayed = std::make_shared<letter_command>();
  auto replay = verb->add_subcommand(
      "replay", "Send records to the raw topic again, as they were; needs the "
                "operator's token");
  replay
      ->add_option("LETTER", replayed->letters,
                   "one or more TOPIC/SHARD/OFFSET")
      ->required();
  add_look_flags(*replay, *replayed, {false, false, false});
  replay->callback([replayed, &exit_code] { exit_code = replayed->replay(); });
}

} // namespace tickerflow
