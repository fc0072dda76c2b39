#pragma once

#include <chrono>
#include <cstdint>

namespace tickerflow {

/// What this process has used and holds.
struct process_use {
  std::chrono::microseconds cpu{0}; // user and system, since it started
  std::int64_t virtual_bytes = 0;   // address space; 0: not known
  std::int64_t resident_bytes = 0;  // memory in use; 0: not known

  static process_use now();
};

} // namespace tickerflow
