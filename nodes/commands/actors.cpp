#include "nodes/commands/actors.hpp"

#include "io/console_client/target.hpp"
#include "nodes/commands/actor_tail.hpp"
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

struct list_command : look_options {
  std::string q;
  std::string kind;
  std::string node;
  std::string state;
  std::string sort;
  bool reverse = false;

  int run() const {
    auto target = with_query(api_path({"actors"}), {{"q", q},
                                                    {"kind", kind},
                                                    {"node", node},
                                                    {"state", state},
                                                    {"sort", sort},
                                                    {"order", order()}});
    return look(
        *this, [&](api_session& x) { return x.get_all(target, limit); },
        [](const ordered_json& answer, const paper& x) {
          auto& items = part_at(answer, "items");
          auto result = actors_table(items).lines(x.width);
          result.push_back(
              list_end(items.size(), whole_at(answer, "total"), "actor"));
          for (auto& node : part_at(answer, "nodes"))
            if (auto s = whole_at(node, "silent_for_s"))
              result.push_back(
                  {{fmt::format("{} has given no answer for {}",
                                printable(text_at(node, "node")), span_text(s)),
                    tone::warning}});
          return result;
        });
  }

  /// Figures are wanted highest first, names from a to z.
  std::string order() const {
    auto is_name = sort.empty() || sort == "name" || sort == "node"
                   || sort == "kind" || sort == "state";
    return is_name != reverse ? "asc" : "desc";
  }
};

void add_list_flags(CLI::App& verb, list_command& to) {
  verb.add_option("--find", to.q,
                  "with these words in name, node, kind or state")
      ->type_name("TEXT");
  verb.add_option("--kind", to.kind, "of this kind, e.g. fetcher")
      ->type_name("KIND");
  verb.add_option("--node", to.node, "on this node")->type_name("NODE");
  verb.add_option("--state", to.state, "in this state")
      ->check(CLI::IsMember({"idle", "busy", "stuck", "dead"}));
  verb.add_option("--sort", to.sort, "by this; figures highest first")
      ->check(
          CLI::IsMember({"name", "node", "kind", "state", "mailbox",
                         "mailbox_highest", "in_per_s", "out_per_s", "handled",
                         "p50_us", "p99_us", "restarts", "uptime_s"}));
  verb.add_flag("--reverse", to.reverse, "the other way round");
  add_look_flags(verb, to, {true, true, false});
}

styled_line fact(const std::string& name, const std::string& text,
                 tone look = tone::plain) {
  return {{fitted(name, 12), tone::dim}, {printable(text), look}};
}

void add_peers(styled_text& to, const ordered_json& peers,
               const std::string& heading, std::size_t width) {
  if (peers.empty())
    return;
  table rows{{{heading, false, 20},
              {"ACTOR", false, 12},
              {"RELATION", false, 0, 3},
              {"MESSAGES", true},
              {"PER S", true}}};
  for (auto& x : peers)
    rows.add({{text_at(x, "name")},
              {whole_at(x, "serial") ? actor_id(x) : "-"},
              {text_at(x, "relation")},
              {count_text(whole_at(x, "messages"))},
              {rate_text(number_at(x, "per_s"))}});
  to.emplace_back();
  for (auto& line : rows.lines(width))
    to.push_back(std::move(line));
}

struct one_command : look_options {
  std::string actor;

  int show() const {
    auto target = actor_target(actor);
    if (target.empty())
      return exit_usage;
    return look(
        *this, [&](api_session& x) { return x.get(target); }, actor_page);
  }

  int restart() const {
    auto target = actor_target(actor);
    return target.empty() ? exit_usage : act(*this, {target + "/restart"});
  }
};

CLI::App* add_one(CLI::App& actors, const std::string& name,
                  const std::string& help, look_options& to, std::string& actor,
                  look_flags flags) {
  auto verb = actors.add_subcommand(name, help);
  verb->add_option("ACTOR", actor, "NODE/SERIAL, as \"actors ls\" shows it")
      ->required();
  add_look_flags(*verb, to, flags);
  return verb;
}

} // namespace

std::string actor_id(const ordered_json& actor) {
  return text_at(actor, "node") + '/' + text_at(actor, "serial");
}

std::string actor_target(const std::string& id) {
  auto slash = id.rfind('/');
  auto serial = slash == std::string::npos ? "" : id.substr(slash + 1);
  if (slash == 0 || serial.empty()
      || serial.find_first_not_of("0123456789") != std::string::npos) {
    std::cerr << '"' << printable(id)
              << "\" names no actor: give NODE/SERIAL, as \"tickerflow actors "
                 "ls\" shows it, e.g. worker-1/17\n";
    return {};
  }
  return api_path({"actors", id.substr(0, slash), serial});
}

table actors_table(const ordered_json& items) {
  table result{{{"ACTOR", false, 14},
                {"NAME", false, 18},
                {"STATE"},
                {"MAILBOX", true},
                {"HIGHEST", true, 0, 2},
                {"IN/S", true},
                {"OUT/S", true, 0, 5},
                {"HANDLED", true, 0, 4},
                {"P50", true, 0, 3},
                {"P99", true, 0, 6},
                {"RESTARTS", true, 0, 7},
                {"UP", true, 0, 1}}};
  for (auto& x : items) {
    auto state = text_at(x, "state");
    auto restarts = whole_at(x, "restarts");
    result.add({{actor_id(x)},
                {text_at(x, "name")},
                {state, tone_of_state(state)},
                {count_text(whole_at(x, "mailbox"))},
                {count_text(whole_at(x, "mailbox_highest"))},
                {rate_text(number_at(x, "in_per_s"))},
                {rate_text(number_at(x, "out_per_s"))},
                {count_text(whole_at(x, "handled"))},
                {micros_text(number_at(x, "p50_us"))},
                {micros_text(number_at(x, "p99_us"))},
                {count_text(restarts),
                 restarts.value_or(0) > 0 ? tone::warning : tone::plain},
                {span_text(whole_at(x, "uptime_s"))}});
  }
  return result;
}

styled_text actor_page(const ordered_json& answer, const paper& x) {
  auto& actor = part_at(answer, "actor");
  auto state = text_at(actor, "state");
  styled_text result;
  result.push_back({{printable(actor_id(actor)), tone::heading},
                    {"  " + printable(text_at(actor, "name"))}});
  result.push_back(fact("state", state, tone_of_state(state)));
  auto& handling = part_at(answer, "handling");
  if (!handling.empty())
    result.push_back(
        fact("handling", text_at(handling, "type") + " for "
                             + millis_text(number_at(handling, "for_ms"))));
  result.push_back(fact(
      "mailbox",
      fmt::format("{} now, {} at most", count_text(whole_at(actor, "mailbox")),
                  count_text(whole_at(actor, "mailbox_highest")))));
  result.push_back(fact(
      "messages", fmt::format("{} handled, {}/s in, {}/s out, p50 {}, p99 {}",
                              count_text(whole_at(actor, "handled")),
                              rate_text(number_at(actor, "in_per_s")),
                              rate_text(number_at(actor, "out_per_s")),
                              micros_text(number_at(actor, "p50_us")),
                              micros_text(number_at(actor, "p99_us")))));
  result.push_back(
      fact("up", fmt::format("{}, restarted {} times",
                             span_text(whole_at(actor, "uptime_s")),
                             count_text(whole_at(actor, "restarts")))));
  auto& death = part_at(actor, "last_death");
  if (!death.empty())
    result.push_back(fact("died last",
                          time_text(text_at(death, "at"), zone::utc)
                              + " UTC: " + text_at(death, "reason"),
                          tone::warning));
  if (auto supervisor = whole_at(actor, "supervisor"))
    result.push_back(fact("supervisor", text_at(actor, "node") + '/'
                                            + std::to_string(*supervisor)));
  if (auto s = whole_at(answer, "silent_for_s"))
    result.push_back(fact("silent",
                          "its node has given no answer for " + span_text(s),
                          tone::bad));
  result.push_back(fact("restart", flag_at(answer, "can_restart")
                                       ? "\"tickerflow actors restart "
                                             + actor_id(actor) + '"'
                                       : "not this one"));
  add_peers(result, part_at(answer, "senders"), "SENDER", x.width);
  add_peers(result, part_at(answer, "relations"), "RELATED", x.width);
  auto& messages = part_at(answer, "messages");
  if (!messages.empty()) {
    table rows{{{"HANDLED (UTC)"},
                {"MESSAGE", false, 16},
                {"FROM", false, 12},
                {"TOOK", true}}};
    for (auto& m : messages)
      rows.add({{exact_time_text(text_at(m, "at"), zone::utc)},
                {text_at(m, "type")},
                {text_at(m, "from")},
                {micros_text(number_at(m, "took_us"))}});
    result.emplace_back();
    for (auto& line : rows.lines(x.width))
      result.push_back(std::move(line));
  }
  auto& told = part_at(answer, "state");
  if (!told.empty()) {
    result.emplace_back();
    result.push_back(
        {{"STATE", tone::heading},
         {"  " + millis_text(number_at(answer, "state_age_ms")) + " ago",
          tone::dim}});
    auto text = printable(
        told.dump(2, ' ', false, ordered_json::error_handler_t::replace), true);
    for (std::size_t at = 0; at < text.size();) {
      auto end = std::min(text.find('\n', at), text.size());
      result.push_back({{text.substr(at, end - at)}});
      at = end + 1;
    }
  }
  return result;
}

void add_actors(CLI::App& program, int& exit_code) {
  auto verb =
      add_list_verb(program, "actors",
                    "Show the actors of all nodes; look at one, restart one",
                    add_list_flags, exit_code);
  auto shown = std::make_shared<one_command>();
  add_one(*verb, "show", "Look at one: messages, neighbours, its state", *shown,
          shown->actor, {})
      ->callback([shown, &exit_code] { exit_code = shown->show(); });
  auto tailed = std::make_shared<tail_command>();
  auto tail =
      add_one(*verb, "tail", "Follow one: each message it handles and log line",
              *tailed, tailed->actor, {false, false, false});
  tail->add_option("--for", tailed->for_s, "end after so many seconds")
      ->check(CLI::Range(0.0, 1e6))
      ->type_name("SECONDS");
  tail->callback([tailed, &exit_code] { exit_code = tailed->run(); });
  auto restarted = std::make_shared<one_command>();
  add_one(*verb, "restart",
          "End one, so that its supervisor starts another; needs the "
          "operator's token",
          *restarted, restarted->actor, {false, false, false})
      ->callback([restarted, &exit_code] { exit_code = restarted->restart(); });
}

} // namespace tickerflow
