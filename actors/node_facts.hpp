#pragma once

// No CAF type, so that metrics need none.

#include <atomic>
#include <cstdint>

namespace tickerflow {

/// What happens to this process as a node, as its actors' own threads note
/// it; the base of readiness and metrics. May be read at any time.
struct node_facts {
  std::atomic<bool> registered{false};    // a worker, with a leading master
  std::atomic<std::uint64_t> fenced{0};   // shards lost to a newer epoch
  std::atomic<bool> waits_to_lead{false}; // a master whose start is over

  /// Those of the process.
  static node_facts& instance() {
    static node_facts result;
    return result;
  }
};

} // namespace tickerflow
