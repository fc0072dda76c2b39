#include "io/simulator/simulator.hpp"

#include "io/simulator/certificate.hpp"
#include "io/simulator/http_server.hpp"
#include "io/simulator/service.hpp"
#include "io/simulator/texts.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <stdexcept>
#include <thread>

namespace tickerflow {

namespace {

using namespace sim;

constexpr auto recorded_start = "2020-11-02 09:25";

std::vector<fault_rule> parse_faults(const std::vector<std::string>& texts) {
  std::vector<fault_rule> result;
  for (auto& text : texts)
    result.push_back(parse_fault(text));
  return result;
}

void check(const simulator_options& x) {
  auto refuse = [](const std::string& why) {
    throw std::invalid_argument(why);
  };
  if (!(x.speed >= 0) || x.speed > fastest_clock)
    refuse("the speed has to be 0 to 100000");
  if (x.tls_certificate.empty() != x.tls_key.empty())
    refuse("--tls-cert and --tls-key go together");
  if (!x.tls_certificate.empty() && !x.make_certificate.empty())
    refuse("--make-certificate and --tls-cert exclude each other");
  if (x.calls_per_minute < 0 || x.calls_per_day < 0)
    refuse("a limit has to be 0 (none) or more");
  for (auto& name : x.premium)
    if (name != "outputsize_full" && name != "month" && name != "delayed"
        && name != "realtime")
      refuse("premium \"" + name
             + "\": there are outputsize_full, month, delayed, realtime");
}

timestamp first_instant(const simulator_options& x) {
  if (!x.clock_file.empty())
    if (auto stored = load_clock(x.clock_file)) {
      spdlog::info("event=clock_continued now={} file={}",
                   format_rfc3339(*stored), x.clock_file);
      return *stored;
    }
  if (x.start.empty() && x.speed == 1)
    return date::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  auto result = parse_instant(x.start.empty() ? recorded_start : x.start);
  if (!result)
    throw std::invalid_argument("--start \"" + x.start
                                + "\" is no exchange time such as \"2020-11-02 "
                                  "09:25\"");
  return *result;
}

simulator_options with_certificate(simulator_options x, std::string& ca_file) {
  check(x);
  if (!x.make_certificate.empty()) {
    auto made = make_certificate(x.make_certificate);
    x.tls_certificate = made.certificate;
    x.tls_key = made.key;
    ca_file = made.authority;
  }
  std::transform(x.symbols.begin(), x.symbols.end(), x.symbols.begin(),
                 [](const std::string& y) { return to_upper(y); });
  return x;
}

} // namespace

struct simulator::parts {
  explicit parts(simulator_options o)
      : options(with_certificate(std::move(o), ca_file)),
        market(options.data.empty() ? recorded_market::embedded()
                                    : recorded_market::in_folder(options.data),
               options.seed, nyse(), options.symbols),
        clock(nyse(), first_instant(options), 0,
              options.skip_closed.value_or(options.speed > 1)),
        limits({options.calls_per_minute, options.calls_per_day,
                options.one_per_second}),
        faults(parse_faults(options.faults), options.seed),
        answers(
            {{options.label, options.whole_newest, options.closed_days_only},
             options.keys,
             options.premium,
             options.seed},
            market, clock, limits, faults),
        server({options.bind, options.port, options.threads,
                options.tls_certificate, options.tls_key},
               [this](const http_request& x) { return answers.answer(x); }) {}

  timestamp now() { return date::floor<std::chrono::seconds>(clock.now()); }

  void store_now() {
    try {
      store_clock(options.clock_file, now());
    } catch (const std::runtime_error& x) {
      spdlog::error("event=clock_not_stored reason=\"{}\"", x.what());
    }
  }

  void store_regularly() {
    std::unique_lock guard{mutex};
    while (!stopping) {
      store_now();
      wake.wait_for(guard, std::chrono::seconds(1));
    }
  }

  std::string ca_file;
  simulator_options options;
  served_market market;
  market_clock clock;
  call_limits limits;
  fault_board faults;
  service answers;
  http_server server;

  std::mutex mutex;
  std::condition_variable wake;
  bool is_real_time =
      options.start.empty() && options.clock_file.empty() && options.speed == 1;
  bool running = false;
  bool stopping = false;
  std::thread clock_writer;
};

simulator::simulator(simulator_options options)
    : parts_(std::make_unique<parts>(std::move(options))) {}

simulator::~simulator() { stop(); }

void simulator::start() {
  auto& x = *parts_;
  if (x.running)
    return;
  x.running = true;
  if (x.is_real_time)
    x.clock.set_now(std::chrono::system_clock::now());
  x.clock.set_speed(x.options.speed);
  x.server.start();
  if (!x.options.clock_file.empty())
    x.clock_writer = std::thread{[&x] { x.store_regularly(); }};
}

void simulator::stop() {
  auto& x = *parts_;
  x.server.stop();
  if (!x.clock_writer.joinable())
    return;
  {
    std::lock_guard guard{x.mutex};
    x.stopping = true;
  }
  x.wake.notify_all();
  x.clock_writer.join();
  x.store_now();
}

std::uint16_t simulator::port() const { return parts_->server.port(); }

std::string simulator::url() const {
  auto& x = parts_->options;
  auto host = x.bind;
  if (!parts_->ca_file.empty() || host == "0.0.0.0" || host == "::")
    host = "localhost";
  else if (host.find(':') != std::string::npos)
    host = '[' + host + ']';
  return (x.tls_certificate.empty() ? "http://" : "https://") + host + ':'
         + std::to_string(port());
}

std::string simulator::ca_file() const { return parts_->ca_file; }

std::uint64_t simulator::seed() const { return parts_->options.seed; }

std::vector<std::string> simulator::recorded_symbols() const {
  return parts_->market.recorded().symbols();
}

timestamp simulator::now() const { return parts_->now(); }

void simulator::set_now(timestamp t) {
  parts_->is_real_time = false;
  parts_->clock.set_now(t);
}

void simulator::set_speed(double speed) {
  parts_->options.speed = speed; // before start() the clock stands
  if (parts_->running)
    parts_->clock.set_speed(speed);
}

void simulator::set_faults(const std::vector<std::string>& faults) {
  parts_->faults.replace(parse_faults(faults));
}

std::int64_t simulator::calls_of(const std::string& key) const {
  return parts_->limits.of(key, std::chrono::system_clock::now()).calls;
}

std::string describe_simulator_faults() { return describe_faults(); }

} // namespace tickerflow
