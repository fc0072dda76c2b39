#include "nodes/commands/logs.hpp"

#include "io/console_client/target.hpp"
#include "nodes/commands/display_width.hpp"
#include "nodes/commands/look.hpp"
#include "nodes/commands/news.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <iostream>
#include <memory>
#include <thread>

namespace tickerflow {

namespace {

struct logs_command : look_options {
  std::string node;
  std::string level;
  std::string q;
  bool follow = false;
  double for_s = 0;

  std::string target() const {
    return with_query(api_path({"logs"}), {{"node", node},
                                           {"level", level},
                                           {"q", q},
                                           {"limit", std::to_string(limit)}});
  }

  int run() const {
    if (follow)
      return run_on();
    return look(
        *this, [this](api_session& x) { return x.get(target()); },
        [](const ordered_json& answer, const paper&) {
          styled_text result;
          for (auto& x : part_at(answer, "items"))
            result.push_back(log_line_of(x));
          return result;
        });
  }

  int run_on() const {
    auto opened = api_session::open(flags);
    if (auto fault = std::get_if<api_failure>(&opened))
      return tell(*fault);
    auto& session = std::get<api_session>(opened);
    auto clock = std::chrono::steady_clock::now;
    auto end = clock() + std::chrono::duration<double>{for_s};
    auto colours = paper_of(*this).colours;
    news new_lines;
    for (auto first = true;; first = false) {
      auto answer = session.get(target());
      if (auto fault = std::get_if<api_failure>(&answer)) {
        // A new leader keeps other lines, but there will be one.
        auto code = tell(*fault);
        if (first || code != exit_no_answer)
          return code;
      } else {
        auto found =
            new_lines.take(part_at(std::get<ordered_json>(answer), "items"));
        if (new_lines.may_have_missed() && !as_json)
          std::cout << "(there may be more lines than --limit: some are not "
                       "shown)\n";
        for (auto& x : found)
          std::cout << (as_json ? x.dump(-1, ' ', false,
                                         ordered_json::error_handler_t::replace)
                                : to_string(log_line_of(x), colours))
                    << '\n';
        std::cout << std::flush;
      }
      if (for_s > 0 && clock() >= end)
        return exit_ok;
      std::this_thread::sleep_for(std::chrono::seconds{1});
    }
  }
};

} // namespace

styled_line log_line_of(const ordered_json& x) {
  auto level = text_at(x, "level");
  auto who = text_at(x, "node");
  if (auto actor = whole_at(x, "actor"))
    who += '/' + std::to_string(*actor);
  return {{exact_time_text(text_at(x, "at"), zone::utc) + "Z ", tone::dim},
          {fitted(printable(level), 8), tone_of_level(level)},
          {fitted(printable(who),
                  std::max<std::size_t>(display_width(printable(who)), 10)),
           tone::heading},
          {"  " + printable(text_at(x, "text"))}};
}

void add_logs(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "logs", "Show the newest log lines of all nodes, times in UTC");
  verb->group("Look");
  auto command = std::make_shared<logs_command>();
  verb->add_option("--node", command->node, "of this node")->type_name("NODE");
  verb->add_option("--level", command->level, "this and worse")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
  verb->add_option("--find", command->q, "with this text")->type_name("TEXT");
  verb->add_flag("--follow,-f", command->follow, "go on as lines come");
  verb->add_option("--for", command->for_s,
                   "with --follow: end after so many seconds")
      ->check(CLI::Range(0.0, 1e6))
      ->type_name("SECONDS");
  add_look_flags(*verb, *command, {false, true, false});
  verb->callback([command, &exit_code] { exit_code = command->run(); });
}

} // namespace tickerflow
