#pragma once

#include "actors/backoff.hpp"
#include "actors/seen_bars.hpp"
#include "messages/api_client.hpp"
#include "messages/cluster.hpp"
#include "messages/fetcher.hpp"
#include "messages/kafka_bridge.hpp"
#include "messages/quota.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <random>
#include <set>
#include <string>

namespace tickerflow {

/// What one fetcher is started with; fixed for its life.
struct fetcher_options {
  ticker_spec ticker;
  std::string topic = "stock_analysis";
  std::string source = "alphavantage";
  timestamp last_stored{}; // start of the newest stored bar; the epoch: none
  bool extended_hours = true;
  int backfill_months = 0; // fetched first, if nothing is stored
  std::chrono::milliseconds poll_interval{60'000};
  /// A bar is final that long after its end; a delayed plan adds 15 minutes.
  std::chrono::seconds grace{60};
  std::chrono::seconds quota_timeout{5};
  std::chrono::seconds call_timeout{60}; // queue of the API client included
  std::chrono::seconds publish_timeout{60};
  std::uint64_t seed = 1; // of jitter and backoff
};

struct fetcher_state {
  static constexpr const char* name = "fetcher";

  void step();
  void ask_permit();
  void call();
  void answered(const intraday_answer& x);
  void refused(const caf::error& reason);
  void publish();
  void published();
  void next_after(std::chrono::milliseconds wait, std::string why);
  void rest(timestamp source_now);
  void note_rejected(const std::string& text, outgoing_batch& out);
  std::chrono::milliseconds jittered(std::chrono::milliseconds x);

  /// What the next poll message does.
  enum class stage : std::uint8_t { permit, call, publish };

  fetcher_actor::pointer self = nullptr;
  quota_actor quota;
  api_client_actor api;
  kafka_bridge_actor bridge;
  fetcher_options options;

  stage next = stage::permit;
  bool held = false;    // by pressure
  bool waiting = false; // a poll message is on its way
  std::string text = "starting";
  backoff retry{std::chrono::milliseconds{500}, std::chrono::seconds{60}, 1};
  std::mt19937_64 random;

  intraday_request request;       // of the call that runs
  std::deque<std::string> months; // backfill that is still to be fetched
  bool months_planned = false;
  bool want_full = false;    // compact answers left a gap
  bool full_refused = false; // by the plan: premium
  seen_bars seen;
  std::set<std::string> rejected; // told already
  outgoing_batch_ptr outgoing;
  std::vector<std::pair<bar, std::int32_t>> outgoing_bars; // with revisions
  timestamp source_now{};
};

/// Polls the API for one ticker: permit, call, publish what is new and final,
/// wait. Never blocks and never gives up; what it waits for is its status.
fetcher_actor::behavior_type
fetcher(fetcher_actor::stateful_pointer<fetcher_state> self, quota_actor quota,
        api_client_actor api, kafka_bridge_actor bridge,
        fetcher_options options);

} // namespace tickerflow
