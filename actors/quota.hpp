#pragma once

#include "actors/call_budget.hpp"
#include "messages/quota.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <memory>

namespace tickerflow {

/// What the quota is started with.
struct quota_options {
  call_budget::limits limits;
  std::shared_ptr<budget_ledger> ledger; // null: nothing is limited
  std::function<std::int64_t()> now_ms;  // since 1970
};

struct quota_state {
  static constexpr const char* name = "quota";

  api_permit acquire(const std::string& symbol);
  void refused(const api_refusal& x);

  quota_options options;
  call_budget budget{{}};
  bool restored = false;
  bool outage_told = false;
};

/// Owns the API key's budget: each call is written to the ledger before it is
/// granted, so that a restart cannot exceed it.
/// Blocks on the ledger: spawn it detached.
quota_actor::behavior_type
quota(quota_actor::stateful_pointer<quota_state> self, quota_options options);

/// @returns the wall clock
std::int64_t system_now_ms();

} // namespace tickerflow
