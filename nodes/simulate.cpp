#include "nodes/simulate.hpp"

#include "io/log/log.hpp"
#include "io/simulator/simulator.hpp"
#include "nodes/read_settings.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <iostream>
#include <memory>

namespace tickerflow {

namespace {

struct simulate_command {
  simulator_options options;
  std::string label = "start";
};

std::string join(const std::vector<std::string>& words) {
  std::string result;
  for (auto& x : words)
    result += (result.empty() ? "" : " ") + x;
  return result;
}

void tell(const simulator& x, const simulator_options& options) {
  auto ca = x.ca_file().empty() ? "" : "--cacert '" + x.ca_file() + "' ";
  std::cout << "simulating Alpha Vantage at " << x.url() << " from "
            << format_wall_time(x.now(), "America/New_York")
            << " New York time at speed " << options.speed
            << ", recorded: " << join(x.recorded_symbols())
            << ", all others invented from seed " << x.seed() << "\ntry: curl "
            << ca << "'" << x.url()
            << "/query?function=TIME_SERIES_INTRADAY&symbol=TSLA&interval=5min"
               "&apikey=test'"
            << std::endl;
}

int run(simulate_command& command) {
  command.options.label =
      command.label == "end" ? bar_label::end : bar_label::start;
  // Blocked before any thread starts, so that sigwait alone takes them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  setup_log("info", "text");
  try {
    simulator x{command.options};
    x.start();
    tell(x, command.options);
    int received = 0;
    sigwait(&signals, &received);
    x.stop();
    return exit_ok;
  } catch (const std::invalid_argument& reason) {
    std::cerr << "tickerflow simulate: " << reason.what() << '\n';
    return exit_usage;
  } catch (const std::exception& reason) {
    std::cerr << "tickerflow simulate: " << reason.what() << '\n';
    return exit_failed;
  }
}

void add_serving_options(CLI::App& verb, simulator_options& x) {
  auto group = "Serving";
  verb.add_option("--bind", x.bind, "address to listen on")
      ->capture_default_str()
      ->group(group);
  verb.add_option("--port", x.port, "port to listen on, 0 = any free one")
      ->capture_default_str()
      ->group(group);
  auto cert = verb.add_option("--tls-cert", x.tls_certificate,
                              "serve HTTPS with this certificate (PEM)")
                  ->group(group);
  auto key =
      verb.add_option("--tls-key", x.tls_key, "its key (PEM)")->group(group);
  cert->needs(key);
  key->needs(cert);
  verb.add_option("--make-certificate", x.make_certificate,
                  "serve HTTPS with a certificate for localhost made in this "
                  "folder; clients trust its ca.pem")
      ->excludes(cert)
      ->group(group);
}

void add_market_options(CLI::App& verb, simulate_command& command) {
  auto& x = command.options;
  auto group = "Market";
  verb.add_option("--start", x.start,
                  "simulated time to begin with, New York wall time; default: "
                  "now at speed 1, else \"2020-11-02 09:25\"")
      ->group(group);
  verb.add_option("--speed", x.speed,
                  "simulated seconds a second, 0 = the clock stands")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 100000.0))
      ->group(group);
  verb.add_flag_callback(
          "--skip-closed", [&x] { x.skip_closed = true; },
          "pass over the times without session (default when speed > 1)")
      ->group(group);
  verb.add_flag_callback(
          "--no-skip-closed", [&x] { x.skip_closed = false; },
          "let nights and holidays pass too")
      ->group(group);
  verb.add_option("--clock-file", x.clock_file,
                  "store the simulated time here and go on from it")
      ->group(group);
  verb.add_option("--data", x.data,
                  "folder of 1-minute recordings with MANIFEST.csv; default: "
                  "those built in")
      ->group(group);
  verb.add_option("--symbols", x.symbols,
                  "the known symbols, between commas; default: all that look "
                  "like a US ticker")
      ->delimiter(',')
      ->group(group);
  verb.add_option("--seed", x.seed, "of invented bars and of faults")
      ->capture_default_str()
      ->group(group);
  verb.add_option("--label", command.label,
                  "what a bar's time is: its start, or its end as until 2022")
      ->capture_default_str()
      ->check(CLI::IsMember({"start", "end"}))
      ->group(group);
  verb.add_flag("--whole-newest", x.whole_newest,
                "serve the bar in the making as it will be at its end")
      ->group(group);
}

void add_refusal_options(CLI::App& verb, simulator_options& x) {
  auto group = "Limits and faults";
  verb.add_flag("--closed-days-only", x.closed_days_only,
                "serve today's bars only to queries with entitlement=")
      ->group(group);
  verb.add_option("--key", x.keys,
                  "accept this key (repeatable); default: any but \"demo\"")
      ->group(group);
  verb.add_option("--calls-per-minute", x.calls_per_minute,
                  "limit of each key, 0 = none")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber)
      ->group(group);
  verb.add_option("--calls-per-day", x.calls_per_day,
                  "limit of each key, days of New York, 0 = none")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber)
      ->group(group);
  verb.add_flag("--one-per-second", x.one_per_second,
                "refuse a second call within a second")
      ->group(group);
  verb.add_option("--premium", x.premium,
                  "refuse these as premium, between commas: outputsize_full, "
                  "month, delayed, realtime")
      ->delimiter(',')
      ->group(group);
  verb.add_option("--fault", x.faults,
                  "NAME[@SYMBOL][:AMOUNT[:MINUTES]] (repeatable), AMOUNT a "
                  "number of requests or a probability; names below")
      ->group(group);
}

} // namespace

void add_simulate(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "simulate", "Serve recorded and invented bars as Alpha Vantage does");
  verb->group("Start");
  auto command = std::make_shared<simulate_command>();
  add_serving_options(*verb, command->options);
  add_market_options(*verb, *command);
  add_refusal_options(*verb, command->options);
  verb->footer("Faults:\n" + describe_simulator_faults()
               + "\nWhile it runs: GET /sim/state, GET "
                 "/sim/truth?symbol=TSLA&interval=5min,\nPOST /sim/faults "
                 "'[\"http_503:2\"]', POST /sim/clock '{\"now\": "
                 "\"2020-11-02 09:35\"}'");
  verb->callback([command, &exit_code] { exit_code = run(*command); });
}

} // namespace tickerflow
