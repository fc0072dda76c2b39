#include "nodes/commands/completion.hpp"

#include "io/console_client/target.hpp"
#include "nodes/commands/lists.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace tickerflow {

namespace {

/// Prints what a shell offers as values. A console that is not there is no
/// reason for a message in the middle of somebody's line.
int print_words(const std::string& what) {
  auto opened = api_session::open(flag_values{});
  auto session = std::get_if<api_session>(&opened);
  if (session == nullptr)
    return exit_no_answer;
  auto answer = what == "nodes" ? session->get(api_path({what}))
                                : session->get_all(api_path({what}), 1000);
  auto found = std::get_if<ordered_json>(&answer);
  if (found == nullptr)
    return exit_no_answer;
  for (auto& x : part_at(*found, "items"))
    std::cout << (what == "tickers" ? text_at(x, "symbol")
                  : what == "nodes" ? text_at(x, "name")
                                    : actor_id(x))
              << '\n';
  return exit_ok;
}

struct completion_command {
  std::string shell;
  std::string words;
};

} // namespace

void add_completion(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "completion", "Print a script that makes a shell complete verbs, flags "
                    "and their values");
  verb->group("Set up");
  auto command = std::make_shared<completion_command>();
  verb->add_option("SHELL", command->shell, "bash, zsh or fish")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  verb->add_option("--words", command->words,
                   "print what the console knows instead, one a line")
      ->check(CLI::IsMember({"tickers", "nodes", "actors"}));
  verb->footer("Into a shell:\n"
               "  bash  source <(tickerflow completion bash)\n"
               "  zsh   source <(tickerflow completion zsh)\n"
               "  fish  tickerflow completion fish | source\n"
               "The Debian package has them installed.");
  verb->callback([command, &program, &exit_code] {
    if (!command->words.empty()) {
      exit_code = print_words(command->words);
    } else if (command->shell.empty()) {
      std::cerr << "name the shell: tickerflow completion bash, zsh or fish\n";
      exit_code = exit_usage;
    } else {
      auto shape = shape_of(program);
      std::cout << (command->shell == "bash"  ? bash_completion(shape)
                    : command->shell == "zsh" ? zsh_completion(shape)
                                              : fish_completion(shape));
    }
  });
}

} // namespace tickerflow
