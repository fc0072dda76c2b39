#include "io/doctor/doctor.hpp"
#include "io/log/redact.hpp"
#include "io/postgres/migrations.hpp"
#include "io/settings/flags.hpp"
#include "nodes/read_settings.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace tickerflow {

namespace {

struct doctor_command {
  flag_values flags;
  bool as_json = false;

  int run() const {
    // Not by read_settings(): notes are findings here, not log lines.
    auto result = load_settings(flags, process_environment());
    if (auto fault = std::get_if<settings_error>(&result)) {
      std::cerr << fault->text << '\n';
      return exit_usage;
    }
    auto& x = std::get<settings>(result);
    register_secrets(secrets_of(x));
    auto found = examine(x, program_migrations().back().version);
    std::cout << (as_json ? report_json(found) + '\n' : report_text(found));
    return any_fail(found) ? exit_failed : exit_ok;
  }
};

} // namespace

void add_doctor(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "doctor", "Look for what keeps Tickerflow from working, and how to fix "
                "it; exit code 1 if something does");
  verb->group("Set up");
  auto command = std::make_shared<doctor_command>();
  verb->add_flag("--json", command->as_json, "as JSON");
  add_setting_flags(*verb, command->flags, verb_kind::doctor);
  verb->callback([command, &exit_code] { exit_code = command->run(); });
}

} // namespace tickerflow
