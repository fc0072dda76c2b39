#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace tickerflow::sim {

/// What the simulator can do wrong on purpose.
enum class fault_kind : std::uint8_t {
  // The answer to a request.
  burst,
  per_minute,
  daily,
  daily_names_key,
  premium,
  premium_outputsize,
  invalid_key,
  demo,
  invalid_call,
  unknown_function,
  empty,
  csv_spelled,
  http_503,
  http_500,
  http_429,
  http_406,
  html,
  truncated,
  slow,
  // Single bars, for good or for a while.
  corrected,
  late,
  gap,
  bad,
};

/// "http_503"
std::string to_string(fault_kind x);

/// @returns whether it changes bars, not whole answers
bool is_bar_fault(fault_kind x);

/// One fault that is switched on.
struct fault_rule {
  fault_kind kind{};
  std::string symbol;           // empty = every symbol
  double probability = 1;       // of a request or of a bar
  std::int64_t remaining = -1;  // requests it is for; -1 = any number
  std::chrono::seconds hold{0}; // corrected, late: simulated time after its end
  std::chrono::milliseconds wait{0}; // slow: real time
};

/// Reads a fault.
///
/// Shape   NAME[@SYMBOL][:AMOUNT[:EXTRA]]. AMOUNT is a number of requests (3)
///         or a probability (0.1, 10%). EXTRA is minutes for corrected and
///         late. slow:MILLISECONDS[:AMOUNT].
/// @throws std::invalid_argument saying what is allowed
fault_rule parse_fault(const std::string& text);

/// @returns the text that gives the rule
std::string to_string(const fault_rule& x);

/// For --help: names with a line each.
std::string describe_faults();

/// What is to happen to one request.
struct request_faults {
  std::optional<fault_kind> answer; // instead of the right one
  bool truncated = false;
  std::chrono::milliseconds wait{0};
};

/// The faults that are on, changeable while requests are served.
class fault_board {
public:
  fault_board(std::vector<fault_rule> rules, std::uint64_t seed)
      : rules_(std::move(rules)), seed_(seed) {}

  /// Decides about a request, using up counted faults.
  request_faults draw(const std::string& symbol);

  void replace(std::vector<fault_rule> rules);
  void add(std::vector<fault_rule> rules);

  std::vector<fault_rule> rules() const;

private:
  mutable std::mutex mutex_;
  std::vector<fault_rule> rules_;
  std::uint64_t seed_;
  std::uint64_t draws_ = 0;
};

} // namespace tickerflow::sim
