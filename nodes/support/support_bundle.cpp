#include "io/settings/flags.hpp"
#include "nodes/commands/fields.hpp"
#include "nodes/exit_codes.hpp"
#include "nodes/support/bundle.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include <ctime>
#include <filesystem>
#include <iostream>
#include <memory>

namespace tickerflow {

namespace {

std::string name_of(std::time_t now) {
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[64];
  std::strftime(text, sizeof(text), "tickerflow-support-%Y%m%dT%H%M%SZ", &utc);
  return text;
}

struct support_command {
  flag_values flags;
  std::string out;
  bool as_json = false;

  int run() const {
    auto read = load_settings(flags, process_environment());
    if (auto fault = std::get_if<settings_error>(&read)) {
      std::cerr << fault->text << '\n';
      return exit_usage;
    }
    auto& x = std::get<settings>(read);
    register_bundle_secrets(x);
    auto now = std::time(nullptr);
    auto name = name_of(now);
    auto path = out.empty() ? name + ".tar.gz" : out;
    bundle result{name};
    auto say = [](const char* what) { std::cerr << what << " ...\n"; };
    collect_versions(result);
    say("settings and doctor");
    collect_settings(result, x);
    say("console");
    collect_console(result, x);
    say("PostgreSQL");
    collect_database(result, x);
    collect_logs(result, x);
    auto files = result.files();
    if (auto fault = write_tar_gz(path, files, now); !fault.empty()) {
      std::cerr << fault << " (name another place with --out)\n";
      return exit_failed;
    }
    if (as_json) {
      ordered_json told{{"file", path}, {"files", ordered_json::array()}};
      for (auto& file : files)
        told["files"].push_back(file.name);
      std::cout << told.dump(2) << '\n';
    } else {
      std::cout << result.manifest() << '\n' << path << " is written\n";
    }
    return exit_ok;
  }
};

} // namespace

void add_support_bundle(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "support-bundle", "Collect what helps to find a fault in one file: "
                        "settings (secrets masked), versions, the doctor's "
                        "findings, what the console says, slow queries, logs");
  verb->group("Set up");
  auto command = std::make_shared<support_command>();
  verb->add_option("--out", command->out,
                   "the file; default tickerflow-support-TIME.tar.gz here")
      ->type_name("FILE");
  verb->add_flag("--json", command->as_json, "tell in JSON what is in it");
  add_setting_flags(*verb, command->flags, verb_kind::doctor);
  verb->callback([command, &exit_code] { exit_code = command->run(); });
}

} // namespace tickerflow
