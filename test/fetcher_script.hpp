#pragma once

#include "actors/api_client.hpp"
#include "actors/fetcher.hpp"
#include "market/exchange_time.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <string>
#include <vector>

/// Scripted neighbours of a fetcher: quota, API client and Kafka bridge.
namespace tickerflow {

inline timestamp at(std::string_view text) { return *parse_rfc3339(text); }

/// What the neighbours answer and were asked, and the market behind the API.
struct script {
  timestamp source_now = at("2026-07-01T14:00:30Z"); // 10:00:30 New York

  // quota
  std::deque<api_permit> permits; // empty: granted at once
  std::vector<api_refusal> reported;
  int asked = 0;
  bool quota_is_silent = false;
  std::vector<caf::typed_response_promise<api_permit>> unanswered;

  // api
  std::vector<bar> bars; // oldest first
  std::vector<std::string> rejected;
  std::deque<caf::error> failures;
  bool full_is_premium = false;
  bool delayed = false;
  std::vector<intraday_request> requests;

  // bridge
  int publish_failures = 0;
  int publish_tries = 0;
  std::vector<std::vector<outgoing_record>> batches;

  void trade(timestamp start, std::int64_t price = 100) {
    bar x;
    x.symbol = "ACME";
    x.interval = std::chrono::minutes{5};
    x.start = start;
    x.open_e4 = x.high_e4 = x.low_e4 = x.close_e4 = price * price_scale;
    x.volume_shares = 10;
    bars.push_back(x);
  }

  /// One bar every five minutes of the extended sessions in [from, to).
  void trade_all(timestamp from, timestamp to) {
    for (auto t = from; t < to; t += std::chrono::minutes{5})
      if (nyse().day_at(t))
        trade(t);
  }

  caf::expected<intraday_answer_ptr> answer(const intraday_request& x) {
    requests.push_back(x);
    if (!failures.empty()) {
      auto result = failures.front();
      failures.pop_front();
      return result;
    }
    if (x.full && full_is_premium)
      return refusal(refusal_class::premium);
    auto result = std::make_shared<intraday_answer>();
    for (auto& b : bars) {
      auto in_month =
          x.month.empty() || format_rfc3339(b.start).substr(0, 7) == x.month;
      if (b.start <= source_now && in_month)
        result->bars.push_back(b);
    }
    if (!x.full && result->bars.size() > 100)
      result->bars.erase(result->bars.begin(), result->bars.end() - 100);
    result->source_now = source_now;
    result->delayed = delayed;
    result->rejected = rejected;
    return intraday_answer_ptr{result};
  }

  static caf::error refusal(refusal_class kind) {
    return refusal_error({"ACME", static_cast<std::uint8_t>(kind), 0, "words"});
  }
};

inline quota_actor::behavior_type scripted_quota(quota_actor::pointer self,
                                                 script* s) {
  return {
      [self, s](acquire_atom, const std::string&) -> caf::result<api_permit> {
        ++s->asked;
        if (s->quota_is_silent) {
          s->unanswered.push_back(self->make_response_promise<api_permit>());
          return s->unanswered.back();
        }
        if (s->permits.empty())
          return api_permit{true, 0, {}};
        auto result = s->permits.front();
        s->permits.pop_front();
        return result;
      },
      [s](refused_atom, const api_refusal& x) { s->reported.push_back(x); },
      [](status_atom) { return budget_status{}; },
  };
}

inline api_client_actor::behavior_type scripted_api(api_client_actor::pointer,
                                                    script* s) {
  return {[s](fetch_atom,
              const intraday_request& x) -> caf::result<intraday_answer_ptr> {
    auto result = s->answer(x);
    if (!result)
      return std::move(result.error());
    return *result;
  }};
}

inline kafka_bridge_actor::behavior_type
scripted_bridge(kafka_bridge_actor::pointer, script* s) {
  return {
      [](open_feed_atom, std::int32_t, std::int64_t, std::int64_t,
         const aggregator_actor&) {},
      [](close_feed_atom, std::int32_t, std::int64_t) {},
      [](grant_atom, std::int32_t, std::int64_t, std::int32_t) {},
      [s](publish_atom,
          const outgoing_batch_ptr& x) -> caf::result<std::int64_t> {
        ++s->publish_tries;
        if (s->publish_failures > 0) {
          --s->publish_failures;
          return failure(errc::unavailable, "no broker");
        }
        s->batches.push_back(x->records);
        return static_cast<std::int64_t>(x->records.size());
      },
      [](poll_atom) {},
  };
}

} // namespace tickerflow
