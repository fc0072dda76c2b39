#pragma once

#include "actors/backoff.hpp"
#include "actors/observed.hpp"
#include "actors/published_bars.hpp"
#include "actors/source_clock.hpp"
#include "messages/api_client.hpp"
#include "messages/fetcher.hpp"
#include "messages/kafka_bridge.hpp"
#include "messages/quota.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <random>
#include <set>
#include <string>

namespace tickerflow {

/// What one fetcher is started with; fixed for its life.
struct fetcher_options {
  std::string symbol;
  std::chrono::seconds interval{300};
  std::chrono::milliseconds poll_interval{60'000};
  bool extended_hours = true;
  /// Answers are behind by this much, e.g. 15 min of a delayed plan; an answer
  /// that says so of itself is believed anyhow.
  std::chrono::seconds delay{0};
  std::chrono::seconds grace{60}; // after its end until a bar is final
  timestamp last_stored{};        // start of the newest stored bar; 0: none
  int backfill_months = 0;        // fetched first if nothing is stored
  std::string topic = "stock_analysis";
  std::chrono::milliseconds permit_timeout{5'000};
  std::chrono::milliseconds fetch_timeout{60'000}; // with the wait for a client
  std::chrono::milliseconds publish_timeout{60'000};
  std::uint64_t seed = 1;             // of waits
  std::function<timestamp()> clock{}; // of `fetched_at`; null: the system's
};

/// The three actors that a fetcher works with.
struct fetcher_neighbours {
  quota_actor quota;
  api_client_actor api;
  kafka_bridge_actor bridge;

  /// One of them failed and another has taken its place.
  void replace(const caf::strong_actor_ptr& old,
               const caf::strong_actor_ptr& fresh) {
    if (old == caf::actor_cast<caf::strong_actor_ptr>(api))
      api = caf::actor_cast<api_client_actor>(fresh);
    if (old == caf::actor_cast<caf::strong_actor_ptr>(bridge))
      bridge = caf::actor_cast<kafka_bridge_actor>(fresh);
  }
};

struct fetcher_state {
  static constexpr const char* name = "fetcher";

  using step = void (fetcher_state::*)();
  using milliseconds = std::chrono::milliseconds;

  // The loop, in order.
  void ask_permit();
  void permitted(const api_permit& x);
  void fetch();
  void fetched(const intraday_answer& x);
  void publish();
  void published();
  void finish_round();
  void sleep();

  // What can go wrong with a call.
  void failed(const caf::error& reason);
  void refused(const api_refusal& x, const caf::error& reason);
  void refused_history(const api_refusal& x);
  void park(const caf::error& reason);
  void back_off();

  void wait(milliseconds time, step then, std::string why);
  void woken();
  void hold(bool on);
  bool stopped_by_hold();
  bool plan_history(const intraday_answer& x);
  void prepare(const intraday_answer& x);
  void bury(const std::string& what, outgoing_batch& out);
  bool is_new_complaint(const std::string& x);
  milliseconds jittered(milliseconds x);
  timestamp local_now() const;
  std::string status() const;
  void tell(state_page& out) const;

  fetcher_actor::pointer self = nullptr;
  fetcher_neighbours neighbours;
  fetcher_options options;

  step next = nullptr; // what the timer is for; null: an answer is awaited
  std::chrono::steady_clock::time_point due{};
  std::string state;    // for people
  bool held = false;    // by back-pressure
  bool stopped = false; // it reached the point where it holds

  source_clock source;
  std::chrono::seconds settle{0};  // after its end until a bar is final
  timestamp covered_until{};       // all final bars before are published
  timestamp gap_asked{};           // `covered_until` when a gap was found
  std::deque<std::string> history; // months to ask for; "": the last 30 days
  bool history_planned = false;    // the one of the first start
  bool history_is_premium = false;
  intraday_request asked;

  published_bars known;
  outgoing_batch_ptr publishing;
  published_bars::changes pending;  // what `publishing` makes known
  std::vector<std::string> burying; // and what it buries
  std::set<std::string> buried;     // the same row comes with every answer
  timestamp covers{};               // `covered_until` once it is published
  step after_publish = nullptr;

  std::string complaint; // logged last: once for each streak
  milliseconds retry_after{0};
  std::mt19937_64 random;
  backoff permit_retry{milliseconds{1'000}, milliseconds{30'000}, 1};
  backoff fetch_retry{milliseconds{1'000}, milliseconds{60'000}, 1};
  backoff publish_retry{milliseconds{500}, milliseconds{30'000}, 1};
};

/// Polls the API for one ticker for as long as it lives and publishes what is
/// new and final. Never blocks.
fetcher_actor::behavior_type
fetcher(observed_pointer<fetcher_actor, fetcher_state> self,
        fetcher_neighbours neighbours, fetcher_options options);

} // namespace tickerflow
