#pragma once

namespace CLI {
class App;
}

namespace tickerflow {

// Each adds one sub-command to the program, whose callback writes its result
// to exit_code (see read_settings.hpp). Verbs with a header of their own are
// declared there: simulate.hpp.

void add_run(CLI::App& program, int& exit_code);
void add_demo(CLI::App& program, int& exit_code);
void add_master(CLI::App& program, int& exit_code);
void add_worker(CLI::App& program, int& exit_code);
void add_status(CLI::App& program, int& exit_code);
void add_drain(CLI::App& program, int& exit_code);
void add_rebalance(CLI::App& program, int& exit_code);
void add_top(CLI::App& program, int& exit_code);
void add_actors(CLI::App& program, int& exit_code);
void add_tickers(CLI::App& program, int& exit_code);
void add_shards(CLI::App& program, int& exit_code);
void add_nodes(CLI::App& program, int& exit_code);
void add_alerts(CLI::App& program, int& exit_code);
void add_budget(CLI::App& program, int& exit_code);
void add_trace(CLI::App& program, int& exit_code);
void add_gaps(CLI::App& program, int& exit_code);
void add_logs(CLI::App& program, int& exit_code);
void add_audit(CLI::App& program, int& exit_code);
void add_dead_letters(CLI::App& program, int& exit_code);
void add_support_bundle(CLI::App& program, int& exit_code);
void add_completion(CLI::App& program, int& exit_code);
void add_man(CLI::App& program, int& exit_code);
void add_certs(CLI::App& program, int& exit_code);
void add_config(CLI::App& program, int& exit_code);
void add_doctor(CLI::App& program, int& exit_code);
void add_migrate_legacy(CLI::App& program, int& exit_code);
void add_version(CLI::App& program, int& exit_code);

} // namespace tickerflow
