#pragma once

#include "actors/call_budget.hpp"
#include "actors/observed.hpp"
#include "io/budget_ledger.hpp"
#include "messages/quota.hpp"

#include <functional>
#include <memory>
#include <string>

namespace tickerflow {

/// What the quota is started with.
struct quota_options {
  call_limits limits;
  std::string key_fingerprint; // see io/alpha_vantage/request.hpp
  /// Null: calls are counted in memory, right only for a key without limits.
  std::shared_ptr<budget_ledger> ledger;
  /// Null: the system's clock.
  std::function<budget_time()> clock;
};

struct quota_state {
  static constexpr const char* name = "quota";

  api_permit acquire(const std::string& symbol);
  caf::error load();
  void refused(const api_refusal& x);
  budget_status status() const;
  void tell(state_page& out) const;

  quota_options options;
  std::unique_ptr<call_budget> budget;
  budget_row stored; // as in the ledger
  bool loaded = false;
  bool outage_told = false;
  bool bad_key_told = false;
  date::sys_days exhausted_told{}; // the day that was reported
  std::int64_t granted = 0;
  std::int64_t refusals = 0;
};

/// Gives permits to call the API, counted in the ledger before they are given.
/// Blocks on the ledger: spawn it detached, once for the whole cluster.
quota_actor::behavior_type
quota(observed_pointer<quota_actor, quota_state> self, quota_options options);

} // namespace tickerflow
