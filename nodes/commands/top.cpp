#include "nodes/commands/look.hpp"
#include "nodes/commands/top_feed.hpp"
#include "nodes/commands/top_screen.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <iostream>
#include <memory>

#include <unistd.h>

namespace tickerflow {

namespace {

struct top_command : look_options {
  double every_s = 2;
  std::string view = "actors";

  top_question first_question() const {
    top_model model;
    for (std::size_t i = 0; i < top_views; ++i)
      if (to_string(static_cast<top_view>(i)) == view)
        model.press('1' + static_cast<std::int32_t>(i));
    return model.question();
  }

  int run() const {
    auto opened = api_session::open(flags);
    if (auto fault = std::get_if<api_failure>(&opened))
      return tell(*fault);
    auto& session = std::get<api_session>(opened);
    if (as_json) {
      auto answer = session.get("/api/v1/overview");
      if (auto fault = std::get_if<api_failure>(&answer))
        return tell(*fault);
      std::cout << std::get<ordered_json>(answer).dump(
          2, ' ', false, ordered_json::error_handler_t::replace)
                << '\n';
      return exit_ok;
    }
    // Before the screen is taken: what is wrong here is told on stderr.
    auto first = ask_for_top(session, first_question());
    if (auto fault = std::get_if<api_failure>(&first))
      return tell(*fault);
    auto& answer = std::get<top_answer>(first);
    if (::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0)
      if (auto screen = top_screen::open(paper_of(*this).colours))
        return run_on(*screen, std::move(session), std::move(answer));
    auto to = paper_of(*this);
    std::cout << to_string(plain_top(answer, to), to.colours);
    return exit_ok;
  }

  int run_on(top_screen& screen, api_session session, top_answer first) const {
    top_model model;
    model.press('1' + static_cast<std::int32_t>(first.to.view));
    model.take(std::move(first));
    top_feed feed{std::move(session), model.question(),
                  std::chrono::duration<double>{every_s}};
    for (auto again = true;;) {
      if (again)
        screen.draw(model.frame(screen.width(), screen.height()));
      again = false;
      if (auto key = screen.key()) {
        again = true;
        if (!model.press(*key))
          return exit_ok;
      }
      // As a program that such a signal ends; the screen is put back before.
      if (auto signal = screen.stopped_by())
        return 128 + signal;
      feed.ask(model.question());
      if (auto news = feed.take()) {
        model.take(std::move(*news));
        again = true;
      }
    }
  }
};

} // namespace

void add_top(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "top", "Watch the pipeline live in the terminal: actors, tickers, "
             "shards, nodes, alerts");
  verb->group("Look");
  auto command = std::make_shared<top_command>();
  verb->add_option("--every", command->every_s, "ask so often")
      ->check(CLI::Range(0.2, 3600.0))
      ->type_name("SECONDS")
      ->capture_default_str();
  verb->add_option("--view", command->view, "what it begins with")
      ->check(CLI::IsMember({"actors", "tickers", "shards", "nodes", "alerts"}))
      ->capture_default_str();
  add_look_flags(*verb, *command, {false, false, false});
  verb->footer("Keys: 1 to 5 choose a list, s sorts, / filters, Enter looks at "
               "an actor, ? tells all keys, q ends.\nWithout a terminal it "
               "prints one screen and ends; --json prints the overview.");
  verb->callback([command, &exit_code] { exit_code = command->run(); });
}

} // namespace tickerflow
