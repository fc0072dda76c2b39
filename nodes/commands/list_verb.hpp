#pragma once

#include <CLI/CLI.hpp>

#include <memory>
#include <string>

namespace tickerflow {

/// Adds a verb that lists something, alone or with the word "ls"; it takes
/// further words.
/// @param List what the flags fill in and `run` carries out
template <class List>
CLI::App* add_list_verb(CLI::App& program, const std::string& name,
                        const std::string& help,
                        void (*add_flags)(CLI::App&, List&), int& exit_code) {
  auto verb = program.add_subcommand(name, help);
  verb->group("Look");
  auto list = std::make_shared<List>();
  add_flags(*verb, *list);
  verb->callback([verb, list, &exit_code] {
    if (verb->get_subcommands().empty())
      exit_code = list->run();
  });
  auto ls = verb->add_subcommand("ls", "List them; the same as no word");
  auto listed = std::make_shared<List>();
  add_flags(*ls, *listed);
  ls->callback([listed, &exit_code] { exit_code = listed->run(); });
  return verb;
}

} // namespace tickerflow
