#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace tickerflow::soak {

enum class fault_kind : std::uint8_t {
  kill_worker,
  halt_worker,    // SIGSTOP, later SIGCONT
  restart_worker, // SIGTERM, then started again
  kill_leader,
  kill_standby,
  halt_leader,
  restart_leader,
  kill_kafka,
  restart_kafka,
  kill_postgres,
  restart_postgres, // immediate shutdown
  drain_worker,     // undone later
  rebalance,
  extra_worker, // joins, later leaves
};

constexpr int fault_kinds = 14;

std::string to_string(fault_kind x);

/// One fault of the schedule; whom it hits is decided when it is due.
struct planned_fault {
  fault_kind kind = fault_kind::kill_worker;
  std::chrono::milliseconds pause{}; // waited before it
  std::chrono::milliseconds lasts{}; // until what is down or halted is back
  std::uint64_t target = 0;          // picks among those that can be hit
};

struct schedule_options {
  std::uint64_t seed = 1;
  int masters = 2;
  bool operator_verbs = true; // drain and rebalance are there
  std::chrono::milliseconds mean_pause{6000};
  std::chrono::milliseconds longest_halt{30'000};
};

/// An endless schedule is more than anybody waits for: so many faults, each
/// kind in each round of the deck at least once.
std::vector<planned_fault> make_schedule(const schedule_options& x,
                                         size_t count);

} // namespace tickerflow::soak
