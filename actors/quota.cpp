#include "actors/quota.hpp"

#include <spdlog/spdlog.h>

namespace tickerflow {

namespace {

constexpr std::int64_t ledger_retry_ms = 1'000;

budget_time system_now() {
  return std::chrono::floor<std::chrono::milliseconds>(
      std::chrono::system_clock::now());
}

} // namespace

caf::error quota_state::load() {
  auto row = options.ledger->load(options.key_fingerprint);
  if (!row)
    return std::move(row.error());
  stored = *row;
  budget->restore(stored, options.clock());
  loaded = true;
  return caf::none;
}

api_permit quota_state::acquire(const std::string& symbol) {
  auto not_counted = [this](const caf::error& reason) {
    if (!outage_told) {
      outage_told = true;
      spdlog::warn("event=budget_not_counted reason=\"{}\" hint=\"no call is "
                   "made until it can be counted; retrying\"",
                   text_of(reason));
    }
    return api_permit{false, ledger_retry_ms,
                      "the call cannot be counted: " + text_of(reason)};
  };
  if (!loaded)
    if (auto error = load())
      return not_counted(error);
  auto now = options.clock();
  auto offer = budget->ask(symbol, now);
  // From now, not from before the ledger was written: that can take seconds,
  // by which the call would leave behind its slot.
  auto wait_ms = [&] {
    return std::max<std::int64_t>((offer.slot - options.clock()).count(), 0);
  };
  if (!offer.granted)
    return {false, wait_ms(), offer.reason};
  if (!offer.held) {
    // Counted before it is granted: a crash loses a call, it never adds one.
    auto error =
        options.ledger->save(options.key_fingerprint, stored, offer.next);
    if (error) {
      // Also when it is unknown whether it was stored.
      loaded = false;
      return not_counted(error);
    }
    stored = offer.next;
    budget->take(symbol, offer);
    ++granted;
  } else if (!options.limits.any()) {
    ++granted;
  }
  outage_told = false;
  return {true, wait_ms(), {}};
}

void quota_state::refused(const api_refusal& x) {
  ++refusals;
  auto now = options.clock();
  auto kind = static_cast<refusal_class>(x.kind);
  auto wait = budget->refuse(x, now);
  if (wait.count() == 0)
    return;
  if (kind == refusal_class::bad_key) {
    if (!bad_key_told)
      spdlog::error("event=api_key_refused symbol={} wait_ms={} reason=\"{}\" "
                    "hint=\"check API_KEY in .env and restart\"",
                    x.symbol, wait.count(), x.text);
    bad_key_told = true;
  } else if (kind == refusal_class::daily) {
    auto today = new_york_day(now);
    if (exhausted_told != today)
      spdlog::error("event=daily_budget_exhausted symbol={} wait_ms={} "
                    "reason=\"{}\" hint=\"set api_calls_per_day to what the "
                    "plan allows, or poll less often\"",
                    x.symbol, wait.count(), x.text);
    exhausted_told = today;
  } else {
    spdlog::warn("event=calls_paused class={} symbol={} wait_ms={} "
                 "reason=\"{}\"",
                 to_string(kind), x.symbol, wait.count(), x.text);
  }
}

budget_status quota_state::status() const {
  auto now = options.clock();
  budget_status result;
  result.calls_per_minute = options.limits.per_minute;
  result.calls_per_day = options.limits.per_day;
  if (budget->row().day == new_york_day(now))
    result.used_today = budget->row().used;
  result.granted = granted;
  result.refused = refusals;
  result.closed_for_ms = budget->closed_for(now).count();
  if (result.closed_for_ms > 0)
    result.closed_reason = budget->closed_reason();
  return result;
}

quota_actor::behavior_type
quota(observed_pointer<quota_actor, quota_state> self, quota_options options) {
  auto& state = self->state;
  state.options = std::move(options);
  if (!state.options.ledger)
    state.options.ledger = std::make_shared<memory_ledger>();
  if (!state.options.clock)
    state.options.clock = system_now;
  state.budget = std::make_unique<call_budget>(state.options.limits);
  return {
      [&state](acquire_atom, const std::string& symbol) {
        return state.acquire(symbol);
      },
      [&state](refused_atom, const api_refusal& x) { state.refused(x); },
      [&state](status_atom) { return state.status(); },
  };
}

} // namespace tickerflow
