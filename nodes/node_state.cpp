#include "nodes/node_state.hpp"

namespace tickerflow {

namespace {

constexpr std::int64_t gone_after_ms = 5'000;

} // namespace

const char* state_of(const node_status& x) {
  if (!x.alive)
    return "dead";
  if (x.suspect)
    return "suspect";
  if (x.leaving)
    return "leaving";
  return x.spec.drained ? "drained" : "alive";
}

const char* state_of(const master_status& x) {
  if (x.leading)
    return "leads";
  return x.seen_ms > gone_after_ms ? "gone" : "waits";
}

} // namespace tickerflow
