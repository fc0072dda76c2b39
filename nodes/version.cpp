#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace tickerflow {

void add_version(CLI::App& program, int&) {
  auto verb = program.add_subcommand("version", "Print the version");
  verb->group("Set up");
  verb->callback([] { std::cout << "tickerflow " TICKERFLOW_VERSION "\n"; });
}

} // namespace tickerflow
