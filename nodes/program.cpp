#include "nodes/program.hpp"

#include "nodes/exit_codes.hpp"
#include "nodes/simulate.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>

namespace tickerflow {

namespace {

std::string footer() {
  std::string result = R"(
Settings come from flags, else the environment (TICKERFLOW_*), else .env, else
tickerflow.json, else defaults; "tickerflow config show" lists them all.

Exit codes:
)";
  for (auto& [code, text] : exit_code_meanings)
    result += "  " + std::to_string(code) + "  " + std::string{text} + '\n';
  result.pop_back();
  return result;
}

} // namespace

void describe_program(CLI::App& program, int& exit_code) {
  program.footer(footer());
  program.set_version_flag("--version", "tickerflow " TICKERFLOW_VERSION);
  program.get_formatter()->column_width(36);

  // One line a verb, in the order of --help.
  add_demo(program, exit_code);
  add_run(program, exit_code);
  add_master(program, exit_code);
  add_worker(program, exit_code);
  add_status(program, exit_code);
  add_top(program, exit_code);
  add_actors(program, exit_code);
  add_tickers(program, exit_code);
  add_shards(program, exit_code);
  add_nodes(program, exit_code);
  add_alerts(program, exit_code);
  add_budget(program, exit_code);
  add_trace(program, exit_code);
  add_gaps(program, exit_code);
  add_dead_letters(program, exit_code);
  add_logs(program, exit_code);
  add_audit(program, exit_code);
  add_drain(program, exit_code);
  add_rebalance(program, exit_code);
  add_simulate(program, exit_code);
  add_certs(program, exit_code);
  add_config(program, exit_code);
  add_doctor(program, exit_code);
  add_support_bundle(program, exit_code);
  add_migrate_legacy(program, exit_code);
  add_completion(program, exit_code);
  add_man(program, exit_code);
  add_version(program, exit_code);
}

} // namespace tickerflow
