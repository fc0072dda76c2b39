#include "io/settings/declaration.hpp"
#include "io/settings/flags.hpp"
#include "nodes/launch.hpp"
#include "nodes/process.hpp"
#include "nodes/read_settings.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace tickerflow {

namespace {

/// @returns whether the user gave a value, at least as strongly as `least`
bool is_set(const settings& x, std::string_view key,
            setting_origin::source least) {
  for (auto& value : x.values)
    if (value.declared->key == key)
      return value.origin.from >= least;
  return false;
}

struct launch_command {
  flag_values flags;
  launch_options options;

  int run() {
    watch_stop_signals();
    auto x = read_settings(flags);
    if (!x)
      return exit_usage;
    if (!options.simulate) {
      if (x->api.key.empty()) {
        std::cerr << "no API key: set API_KEY in the environment or in .env (a "
                     "free one is at "
                     "https://www.alphavantage.co/support/#api-key), or try "
                     "\"tickerflow demo\", which needs none\n";
        return exit_usage;
      }
    }
    // A demo goes to the user's servers only if the command line says so: an
    // .env for real work must not fill them with invented bars.
    using source = setting_origin::source;
    auto least = options.simulate ? source::flag : source::file;
    options.own_kafka = !is_set(*x, "kafka", least);
    options.own_postgres =
        !is_set(*x, "postgres", least) && !is_set(*x, "postgres_host", least);
    return launch(*x, options);
  }
};

void add_launch_flags(CLI::App& verb, launch_options& x) {
  verb.add_option("--workers", x.workers, "worker processes")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  verb.add_flag("--embedded-kafka", x.embedded_kafka,
                "librdkafka's in-process broker instead of Apache Kafka: needs "
                "no Java, forgets its records");
  verb.add_flag("--fresh", x.fresh, "forget the data of earlier starts");
}

} // namespace

void add_run(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "run", "Start everything on this machine for your tickers; with --kafka "
             "or --postgres on your servers");
  verb->group("Start");
  auto command = std::make_shared<launch_command>();
  add_launch_flags(*verb, command->options);
  add_setting_flags(*verb, command->flags, verb_kind::run);
  verb->callback([command, &exit_code] { exit_code = command->run(); });
}

void add_demo(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "demo", "Start everything on this machine with simulated market data; "
              "needs no account and no key");
  verb->group("Start");
  auto command = std::make_shared<launch_command>();
  command->options.simulate = true;
  add_launch_flags(*verb, command->options);
  verb->add_option("--speed", command->options.speed,
                   "how much faster than the real market")
      ->check(CLI::Range(0.1, 10000.0))
      ->capture_default_str();
  verb->add_option("--start", command->options.start,
                   "New York time at which the simulated market begins")
      ->capture_default_str();
  add_setting_flags(*verb, command->flags, verb_kind::demo);
  verb->callback([command, &exit_code] { exit_code = command->run(); });
}

} // namespace tickerflow
