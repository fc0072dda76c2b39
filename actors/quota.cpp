#include "actors/quota.hpp"

#include <spdlog/spdlog.h>

#include <chrono>

namespace tickerflow {

std::int64_t system_now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

api_permit quota_state::acquire(const std::string& symbol) {
  auto postpone = [this](const caf::error& reason) {
    if (!outage_told)
      spdlog::warn("event=budget_not_stored reason=\"{}\" hint=\"no call is "
                   "granted before it is counted; retrying\"",
                   text_of(reason));
    outage_told = true;
    return api_permit{false, 1000, "the budget cannot be stored"};
  };
  if (!restored && budget.limited() && options.ledger) {
    auto row = options.ledger->load();
    if (!row)
      return postpone(row.error());
    budget.restore(*row);
    restored = true;
  }
  auto decision = budget.acquire(symbol, options.now_ms());
  if (!decision.save)
    return decision.permit;
  if (options.ledger)
    if (auto error = options.ledger->save(decision.row))
      return postpone(error);
  outage_told = false;
  budget.saved(symbol, decision.row);
  return decision.permit;
}

void quota_state::refused(const api_refusal& x) {
  auto kind = static_cast<refusal_class>(x.kind);
  auto before = budget.status(options.now_ms()).closed_for_ms;
  budget.refused(x, options.now_ms());
  auto after = budget.status(options.now_ms()).closed_for_ms;
  if (after <= before)
    return;
  // Once for each closing, not for each ticker that meets it.
  auto level = kind == refusal_class::daily || kind == refusal_class::bad_key
                   ? spdlog::level::err
                   : spdlog::level::warn;
  spdlog::log(level,
              "event=api_closed class={} for_s={} symbol={} text=\"{}\"{}",
              to_string(kind), after / 1000, x.symbol, x.text,
              kind == refusal_class::bad_key
                  ? " hint=\"check API_KEY; a free key is at "
                    "https://www.alphavantage.co/support/#api-key\""
                  : "");
}

quota_actor::behavior_type
quota(quota_actor::stateful_pointer<quota_state> self, quota_options options) {
  auto& state = self->state;
  state.budget = call_budget{options.limits};
  state.options = std::move(options);
  return {
      [&state](acquire_atom, const std::string& symbol) {
        return state.acquire(symbol);
      },
      [&state](refused_atom, const api_refusal& x) { state.refused(x); },
      [&state](status_atom) {
        return state.budget.status(state.options.now_ms());
      },
  };
}

} // namespace tickerflow
