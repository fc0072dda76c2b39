#include "nodes/exit_codes.hpp"
#include "nodes/program.hpp"
#include "nodes/usage.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace {

/// A verb that has verbs below and no flag of its own only groups them.
bool only_groups(const CLI::App& verb) {
  auto all = [](const auto*) { return true; };
  return !verb.get_subcommands(all).empty() && verb.get_options().size() < 2;
}

int run(int argc, char** argv) {
  using namespace tickerflow;
  auto exit_code = exit_ok;
  CLI::App program{"Real-time stock market analysis on actors", "tickerflow"};
  describe_program(program, exit_code);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ExtrasError& x) {
    auto text = explain_unknown(program);
    std::cerr << (text.empty() ? x.what() : text) << '\n';
    return exit_usage;
  } catch (const CLI::ParseError& x) {
    // Help and version are "errors" too, with exit code 0.
    return program.exit(x) == 0 ? exit_ok : exit_usage;
  }
  auto& verb = named_verb(program);
  // The program itself has --version.
  if (&verb == &program || only_groups(verb)) {
    std::cerr << verb.help();
    return exit_usage;
  }
  return exit_code;
}

} // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& x) {
    std::cerr << "tickerflow: " << x.what() << '\n';
    return tickerflow::exit_failed;
  }
}
