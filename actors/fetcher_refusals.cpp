// What a fetcher does about a call that brought no bars.

#include "actors/api_client.hpp" // for refusal_of
#include "actors/fetcher.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace tickerflow {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::chrono::hours parked_for{1};

} // namespace

void fetcher_state::back_off() {
  auto time = std::max(fetch_retry.next(), retry_after);
  wait(time, &fetcher_state::ask_permit, "waiting for the API");
}

void fetcher_state::park(const caf::error& reason) {
  if (is_new_complaint("parked"))
    spdlog::error("event=ticker_parked symbol={} reason=\"{}\" hint=\"tried "
                  "again every hour\"",
                  options.symbol, reason_of(reason));
  wait(parked_for, &fetcher_state::ask_permit, "parked: " + reason_of(reason));
}

void fetcher_state::failed(const caf::error& reason) {
  retry_after = milliseconds{0};
  if (auto refusal = refusal_of(reason)) {
    refused(*refusal, reason);
    return;
  }
  auto text = reason_of(reason);
  if (reason == errc::refused || reason == errc::bad_setting) {
    if (is_new_complaint("setting"))
      spdlog::error("event=api_not_usable symbol={} reason=\"{}\"",
                    options.symbol, text);
  } else if (is_new_complaint("away")) {
    spdlog::warn("event=api_unavailable symbol={} reason=\"{}\" "
                 "hint=\"retrying\"",
                 options.symbol, text);
  }
  back_off();
  state = "waiting for the API: " + text;
}

void fetcher_state::refused(const api_refusal& x, const caf::error& reason) {
  retry_after = milliseconds{x.retry_after_ms};
  switch (static_cast<refusal_class>(x.kind)) {
    case refusal_class::burst:
    case refusal_class::per_minute:
    case refusal_class::daily:
    case refusal_class::bad_key:
      // The quota closes the gate for all; its answer says how long.
      self->send(neighbours.quota, refused_atom_v, x);
      wait(jittered(seconds{1}), &fetcher_state::ask_permit,
           "refused: " + reason_of(reason));
      return;
    case refusal_class::premium:
    case refusal_class::bad_call:
    case refusal_class::bad_function:
      if (asked.full)
        refused_history(x);
      else
        park(reason);
      return;
    case refusal_class::unknown: {
      if (is_new_complaint("unknown"))
        spdlog::warn("event=answer_not_understood symbol={} reason=\"{}\" "
                     "hint=\"it is in the dead letters; retrying\"",
                     options.symbol, reason_of(reason));
      auto batch = std::make_shared<outgoing_batch>();
      pending.clear();
      burying.clear();
      bury(x.text, *batch);
      publishing = std::move(batch);
      after_publish = &fetcher_state::back_off;
      publish();
      return;
    }
    case refusal_class::no_bars:
    case refusal_class::unavailable: break;
  }
  if (is_new_complaint("away"))
    spdlog::warn("event=api_unavailable symbol={} reason=\"{}\" "
                 "hint=\"retrying\"",
                 options.symbol, reason_of(reason));
  back_off();
  state = "waiting for the API: " + reason_of(reason);
}

/// A full answer is refused for good: goes on without it.
void fetcher_state::refused_history(const api_refusal& x) {
  if (static_cast<refusal_class>(x.kind) == refusal_class::premium) {
    history_is_premium = true;
    history.clear();
    spdlog::warn("event=history_refused symbol={} reason=\"{}\" hint=\"going "
                 "on with the newest 100 bars\"",
                 options.symbol, x.text);
  } else {
    // The same words are used for a month before the listing.
    spdlog::warn("event=month_refused symbol={} month={} reason=\"{}\"",
                 options.symbol, asked.month, x.text);
    history.pop_front();
  }
  wait(milliseconds{100}, &fetcher_state::ask_permit, "going on");
}

} // namespace tickerflow
