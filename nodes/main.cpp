#include "nodes/read_settings.hpp"
#include "nodes/simulate.hpp"
#include "nodes/usage.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace {

constexpr auto footer = R"(
Settings come from flags, else the environment (TICKERFLOW_*), else .env, else
tickerflow.json, else defaults; "tickerflow config show" lists them all.

Exit codes: 0 done, 1 failed, 2 the command line or a setting is wrong.)";

int run(int argc, char** argv) {
  using namespace tickerflow;
  auto exit_code = exit_ok;
  CLI::App program{"Real-time stock market analysis on actors", "tickerflow"};
  program.footer(footer);
  program.set_version_flag("--version", "tickerflow " TICKERFLOW_VERSION);
  program.get_formatter()->column_width(36);

  // One line a verb, in the order of --help.
  add_demo(program, exit_code);
  add_run(program, exit_code);
  add_master(program, exit_code);
  add_worker(program, exit_code);
  add_status(program, exit_code);
  add_drain(program, exit_code);
  add_rebalance(program, exit_code);
  add_simulate(program, exit_code);
  add_certs(program, exit_code);
  add_config(program, exit_code);
  add_doctor(program, exit_code);
  add_migrate_legacy(program, exit_code);
  add_version(program, exit_code);

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
  if (!verb.get_subcommands([](const CLI::App*) { return true; }).empty()) {
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
