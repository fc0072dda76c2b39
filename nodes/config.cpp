#include "io/settings/flags.hpp"
#include "io/settings/show.hpp"
#include "nodes/read_settings.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace tickerflow {

namespace {

struct config_options {
  flag_values flags;
  bool as_json = false;
};

/// Not by read_settings(): `config` logs nothing, notes are part of its answer.
void run_config(const config_options& options, bool only_check,
                int& exit_code) {
  auto result = load_settings(options.flags, process_environment());
  if (auto fault = std::get_if<settings_error>(&result)) {
    std::cerr << fault->text << '\n';
    exit_code = exit_usage;
    return;
  }
  auto& x = std::get<settings>(result);
  if (!only_check) {
    std::cout << (options.as_json ? show_json(x) + '\n' : show_text(x));
    return;
  }
  for (auto& note : x.notes)
    std::cout << "note: " << note << '\n';
  std::cout << "ok: " << x.values.size() << " settings\n";
}

} // namespace

void add_config(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand("config", "Show or check the settings");
  verb->group("Set up");
  auto options = std::make_shared<config_options>();
  auto show = verb->add_subcommand(
      "show", "Show every setting, its value and where it came from");
  show->add_flag("--json", options->as_json, "as JSON");
  add_setting_flags(*show, options->flags, verb_kind::config);
  show->callback(
      [options, &exit_code] { run_config(*options, false, exit_code); });
  auto check = verb->add_subcommand("check", "Check the settings, show none");
  add_setting_flags(*check, options->flags, verb_kind::config);
  check->callback(
      [options, &exit_code] { run_config(*options, true, exit_code); });
}

} // namespace tickerflow
