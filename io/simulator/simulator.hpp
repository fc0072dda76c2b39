#pragma once

#include "market/bar.hpp"
#include "market/exchange_time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tickerflow {

struct simulator_options {
  std::string bind = "127.0.0.1";
  std::uint16_t port = 8082; // 0 = any free one
  int threads = 2;
  std::string tls_certificate; // PEM files: then HTTPS
  std::string tls_key;
  std::string make_certificate; // folder: made there, then HTTPS

  std::string data;                 // folder of recordings; empty = built in
  std::vector<std::string> symbols; // known ones; empty = any US ticker
  std::uint64_t seed = 1;

  std::string start; // exchange wall time or RFC 3339; empty = see below
  double speed = 1;  // simulated seconds a second; 0 = the clock stands
  std::optional<bool> skip_closed; // default: when speed > 1
  std::string clock_file;          // goes on from the time stored there

  bar_label label = bar_label::start;
  bool whole_newest = false; // the bar in the making as it will be at its end
  bool closed_days_only = false; // today's bars only with an entitlement
  std::vector<std::string> keys; // accepted ones; empty = any but "demo"
  std::vector<std::string> premium;
  int calls_per_minute = 0; // of a key; 0 = no limit
  int calls_per_day = 0;
  bool one_per_second = false;
  std::vector<std::string> faults; // see describe_faults()
};

/// A stand-in for Alpha Vantage: an HTTP(S) server with recorded and invented
/// bars, a clock that can run faster, limits and faults.
///
/// Without `start` and at speed 1 the simulated time is the real one; at
/// another speed it begins at 2020-11-02 09:25 New York, when all recorded
/// tickers have bars. Besides /query there are, for tests and people:
///
///   GET  /sim/state   simulated now, requests, refusals, counts by key
///                     [?apikey= for one key]
///   GET  /sim/truth   ?symbol=&interval=[&month=][&from=&to=]: the final
///                     bars, without faults, and which bars have one
///   POST /sim/faults  ["http_503:2", "late:0.1"] instead of those that are
///                     on; {"add": [...]} beside them
///   POST /sim/clock   {"now": "2020-11-02 09:35", "speed": 60}
class simulator {
public:
  /// Reads what it needs and binds the port.
  /// @throws std::runtime_error, std::invalid_argument: what happened, why,
  ///         what to do
  explicit simulator(simulator_options options);
  ~simulator();

  simulator(const simulator&) = delete;
  simulator& operator=(const simulator&) = delete;

  /// Answers from here on, by threads of its own; the clock runs from here on.
  void start();

  /// Lets answers under way end, stores the clock. May be called twice.
  void stop();

  std::uint16_t port() const;

  /// "http://127.0.0.1:8082"; with a made certificate "https://localhost:..."
  std::string url() const;

  /// What a client has to trust; empty without `make_certificate`.
  std::string ca_file() const;

  std::uint64_t seed() const;
  std::vector<std::string> recorded_symbols() const;

  // What POST /sim/... does, for tests in the same process.
  timestamp now() const;
  void set_now(timestamp t);
  void set_speed(double speed);
  /// @throws std::invalid_argument saying what is allowed
  void set_faults(const std::vector<std::string>& faults);

  /// Calls of a key so far, refused ones too.
  std::int64_t calls_of(const std::string& key) const;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

/// The faults' names with a line each, for --help.
std::string describe_simulator_faults();

} // namespace tickerflow
