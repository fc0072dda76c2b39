#define CAF_SUITE fetcher

#include "actors/fetcher.hpp"

#include "io/event/event.hpp"
#include "messages/setup.hpp"
#include "test/fetcher_script.hpp"

#include <caf/test/dsl.hpp>

#include <algorithm>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

struct config : caf::actor_system_config {
  config() { add_messages(*this); }
};

struct fixture : test_coordinator_fixture<config> {
  script s;
  quota_actor quota = sys.spawn(scripted_quota, &s);
  api_client_actor api = sys.spawn(scripted_api, &s);
  kafka_bridge_actor bridge = sys.spawn(scripted_bridge, &s);
  fetcher_actor uut;
  fetcher_options options;

  fixture() {
    options.symbol = "ACME";
    options.interval = 5min;
    options.poll_interval = 60s;
    options.clock = [this] { return s.source_now; };
  }

  ~fixture() {
    s.unanswered.clear();
    for (auto x :
         {caf::actor_cast<caf::actor>(uut), caf::actor_cast<caf::actor>(quota),
          caf::actor_cast<caf::actor>(api),
          caf::actor_cast<caf::actor>(bridge)})
      if (x)
        caf::anon_send_exit(x, caf::exit_reason::kill);
    consume_messages();
  }

  void start() {
    uut = sys.spawn(fetcher, fetcher_neighbours{quota, api, bridge}, options);
    consume_messages();
    pass(0s);
  }

  /// Time passes here and at the source.
  void pass(std::chrono::seconds time) {
    // A round has several waits of no length.
    for (int i = 0; i < 20; ++i) {
      advance_time(std::chrono::milliseconds{1});
      consume_messages();
    }
    for (auto left = time; left > 0s; left -= 1s) {
      s.source_now += 1s;
      advance_time(std::chrono::seconds{1});
      consume_messages();
    }
  }

  std::string status() {
    std::string result;
    self->send(uut, status_atom_v);
    consume_messages();
    self->receive([&](const std::string& x) { result = x; },
                  caf::after(0s) >> [] { CAF_FAIL("no answer"); });
    return result;
  }

  bool is_state(const std::string& start) {
    auto text = status();
    CAF_MESSAGE(text);
    return text.substr(0, start.size()) == start;
  }

  std::vector<parsed_event> published() const {
    std::vector<parsed_event> result;
    event_parser parser;
    for (auto& batch : s.batches)
      for (auto& record : batch)
        result.push_back(parser.parse(record.value));
    return result;
  }

  std::vector<std::string> published_starts() const {
    std::vector<std::string> result;
    for (auto& x : published())
      result.push_back(format_rfc3339(x.value.start).substr(11, 5));
    return result;
  }
};

using texts = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(fetcher_tests, fixture)

CAF_TEST(a bar is published once and only when it is final) {
  s.trade(at("2026-07-01T13:50:00Z"));
  s.trade(at("2026-07-01T13:55:00Z")); // ends 14:00, final at 14:01
  s.trade(at("2026-07-01T14:00:00Z"));
  start();
  CAF_CHECK_EQUAL(published_starts(), texts{"13:50"});
  pass(5min);
  CAF_CHECK_EQUAL(published_starts(), (texts{"13:50", "13:55"}));
  pass(5min);
  CAF_CHECK_EQUAL(published_starts(), (texts{"13:50", "13:55", "14:00"}));
  pass(30min);
  CAF_CHECK_EQUAL(s.batches.size(), 3u); // polls without news publish nothing
  CAF_CHECK(s.requests.size() >= 6);
}

CAF_TEST(a published record is the documented event with the symbol as key) {
  s.trade(at("2026-07-01T12:00:00Z"), 583);
  start();
  CAF_REQUIRE_EQUAL(s.batches.size(), 1u);
  auto& record = s.batches[0][0];
  CAF_CHECK_EQUAL(record.topic, "stock_analysis");
  CAF_CHECK_EQUAL(record.key, "ACME");
  CAF_CHECK_EQUAL(
      record.value,
      R"({"symbol":"ACME","interval":"5min","timestamp":"2026-07-01T12:00:00Z",)"
      R"("open":583,"high":583,"low":583,"close":583,"volume":10,)"
      R"("session":"pre","source":"alphavantage",)"
      R"("fetched_at":"2026-07-01T14:00:30Z","revision":0})");
}

CAF_TEST(a delayed plan waits fifteen minutes more) {
  s.delayed = true;
  s.trade(at("2026-07-01T13:40:00Z"));
  start();
  CAF_CHECK(s.batches.empty()); // final at 13:45 + 15 min + 60 s
  pass(2min);
  CAF_CHECK_EQUAL(published_starts(), texts{"13:40"});
}

CAF_TEST(a changed bar is published with the next revision) {
  s.trade(at("2026-07-01T13:50:00Z"));
  start();
  s.bars[0].high_e4 += 1;
  pass(6min);
  CAF_REQUIRE_EQUAL(s.batches.size(), 2u);
  CAF_CHECK(s.batches[1][0].value.find("\"revision\":1}") != std::string::npos);
  s.bars[0].high_e4 += 1;
  pass(6min);
  CAF_REQUIRE_EQUAL(s.batches.size(), 3u);
  CAF_CHECK(s.batches[2][0].value.find("\"revision\":2}") != std::string::npos);
}

CAF_TEST(a batch that Kafka did not take is sent again before anything else) {
  s.trade(at("2026-07-01T13:50:00Z"));
  s.publish_failures = 3;
  start();
  CAF_CHECK(is_state("waiting for Kafka: no broker"));
  pass(30s);
  CAF_CHECK_EQUAL(s.publish_tries, 4);
  CAF_CHECK_EQUAL(s.requests.size(), 1u);
  CAF_CHECK_EQUAL(published_starts(), texts{"13:50"});
}

CAF_TEST(a permit is used when its time has come) {
  s.permits = {{false, 30'000, "the day is used up"}, {true, 20'000, {}}};
  start();
  CAF_CHECK(is_state("waiting for quota: the day is used up (30 s)"));
  pass(29s);
  CAF_CHECK_EQUAL(s.asked, 1);
  pass(2s);
  CAF_CHECK_EQUAL(s.asked, 2);
  CAF_CHECK(is_state("waiting for its turn"));
  pass(18s);
  CAF_CHECK(s.requests.empty());
  pass(2s);
  CAF_CHECK_EQUAL(s.requests.size(), 1u);
}

CAF_TEST(a strange poll message does not jump the queue) {
  s.permits = {{true, 20'000, {}}};
  start();
  self->send(uut, poll_atom_v);
  consume_messages();
  CAF_CHECK(s.requests.empty());
}

CAF_TEST(a quota that does not answer is asked again) {
  s.quota_is_silent = true;
  start();
  pass(5s);
  CAF_CHECK(is_state("waiting for quota: the master does not answer"));
  s.quota_is_silent = false;
  pass(10s);
  CAF_CHECK_EQUAL(s.requests.size(), 1u);
}

CAF_TEST(refusals of the key go to the quota) {
  s.failures = {script::refusal(refusal_class::burst),
                script::refusal(refusal_class::bad_key)};
  start();
  CAF_REQUIRE_EQUAL(s.reported.size(), 1u);
  CAF_CHECK(s.reported[0].kind
            == static_cast<std::uint8_t>(refusal_class::burst));
  CAF_CHECK_EQUAL(s.reported[0].symbol, "ACME");
  pass(5s);
  CAF_CHECK_EQUAL(s.reported.size(), 2u);
  CAF_CHECK_EQUAL(s.requests.size(), 3u);
}

CAF_TEST(an unknown symbol is parked for an hour) {
  s.failures = {script::refusal(refusal_class::bad_call)};
  start();
  CAF_CHECK(is_state("parked: no bars for ACME: the API answered 'words'"));
  CAF_CHECK(s.reported.empty());
  pass(59min);
  CAF_CHECK_EQUAL(s.requests.size(), 1u);
  pass(2min);
  CAF_CHECK(s.requests.size() >= 2);
}

CAF_TEST(an answer that nobody understands is a dead letter once) {
  s.failures = {script::refusal(refusal_class::unknown),
                script::refusal(refusal_class::unknown)};
  s.trade(at("2026-07-01T13:50:00Z"));
  start();
  pass(30s);
  CAF_REQUIRE_EQUAL(s.batches.size(), 2u);
  auto events = published();
  CAF_CHECK(events[0].fault == event_fault::rejected);
  CAF_CHECK_EQUAL(events[0].detail, "words");
  CAF_CHECK(events[1].fault == event_fault::none);
}

CAF_TEST(rejected rows are dead letters once) {
  s.rejected = {"no time in US/Eastern: x,1,1,1,1,1"};
  s.trade(at("2026-07-01T13:50:00Z"));
  start();
  CAF_REQUIRE_EQUAL(s.batches.size(), 1u);
  CAF_CHECK_EQUAL(s.batches[0].size(), 2u);
  pass(30min);
  CAF_CHECK_EQUAL(s.batches.size(), 1u);
}

CAF_TEST(an API that is away is asked less and less often) {
  for (int i = 0; i < 5; ++i)
    s.failures.push_back(failure(errc::unavailable, "timed out"));
  start();
  CAF_CHECK(is_state("waiting for the API: timed out"));
  pass(1s);
  CAF_CHECK(s.requests.size() <= 2);
  pass(59s); // 1 + 2 + 4 + 8 + 16 s, each up to a quarter less
  CAF_CHECK(s.requests.size() >= 6);
}

CAF_TEST(a gap is filled before newer bars are published) {
  // Stored to yesterday 10:00; 100 bars of 5 minutes reach back 8 h 20 min.
  s.trade_all(at("2026-06-30T08:00:00Z"), at("2026-07-01T20:00:00Z"));
  options.last_stored = at("2026-06-30T14:00:00Z");
  start();
  CAF_REQUIRE_EQUAL(s.requests.size(), 2u);
  CAF_CHECK(!s.requests[0].full);
  CAF_CHECK(s.requests[1].full);
  CAF_CHECK_EQUAL(s.requests[1].month, "");
  CAF_REQUIRE_EQUAL(s.batches.size(), 1u);
  // 30 June 04:00 to 20:00: 192; 1 July 04:00 to 09:55: 71 and [9:55, 10:00)
  // is not final at 10:00:30.
  CAF_CHECK_EQUAL(s.batches[0].size(), 192u + 71u);
  pass(30min);
  for (size_t i = 2; i < s.requests.size(); ++i)
    CAF_CHECK(!s.requests[i].full);
}

CAF_TEST(whatever part of a long answer is published leaves no hole) {
  s.trade_all(at("2026-06-30T08:00:00Z"), at("2026-07-01T20:00:00Z"));
  options.last_stored = at("2026-06-30T14:00:00Z");
  start();
  auto order = published_starts();
  auto known = texts{"14:00", "13:55", "13:50"}; // from it into the past
  CAF_REQUIRE(order.size() > 100);
  CAF_CHECK_EQUAL(texts(order.begin(), order.begin() + 3), known);
  auto oldest = std::find(order.begin(), order.end(), "08:00");
  CAF_REQUIRE(oldest + 1 != order.end());
  CAF_CHECK_EQUAL(*(oldest + 1), "14:05"); // and only then to the future
}

CAF_TEST(there is no gap over a night or a weekend) {
  s.trade_all(at("2026-06-30T12:00:00Z"), at("2026-07-01T20:00:00Z"));
  s.source_now = at("2026-07-01T08:30:00Z");
  s.bars.erase(s.bars.begin(), s.bars.end() - 144); // July 1 only
  options.last_stored = at("2026-06-30T23:55:00Z");
  start();
  CAF_CHECK_EQUAL(s.requests.size(), 1u);
}

CAF_TEST(an old gap is filled month by month) {
  s.trade_all(at("2026-04-20T08:00:00Z"), at("2026-07-01T20:00:00Z"));
  options.last_stored = at("2026-04-21T14:00:00Z");
  start();
  CAF_REQUIRE(s.requests.size() >= 5);
  CAF_CHECK_EQUAL(s.requests[1].month, "2026-04");
  CAF_CHECK_EQUAL(s.requests[2].month, "2026-05");
  CAF_CHECK_EQUAL(s.requests[3].month, "2026-06");
  CAF_CHECK_EQUAL(s.requests[4].month, "2026-07");
  auto bars = published();
  auto newer = [&](const parsed_event& x) {
    return x.value.start > options.last_stored;
  };
  auto first = std::find_if(bars.begin(), bars.end(), newer);
  CAF_CHECK(std::all_of(first, bars.end(), newer));
  CAF_CHECK(std::is_sorted(first, bars.end(), [](auto& x, auto& y) {
    return x.value.start < y.value.start;
  }));
}

CAF_TEST(without the plan for history the newest bars are published) {
  s.full_is_premium = true;
  s.trade_all(at("2026-06-30T08:00:00Z"), at("2026-07-01T20:00:00Z"));
  options.last_stored = at("2026-06-30T14:00:00Z");
  start();
  pass(2s);
  CAF_CHECK_EQUAL(s.requests.size(), 3u); // newest, full, newest
  CAF_REQUIRE_EQUAL(s.batches.size(), 1u);
  CAF_CHECK_EQUAL(s.batches[0].size(), 98u); // two are not final
  pass(30min);
  for (size_t i = 2; i < s.requests.size(); ++i)
    CAF_CHECK(!s.requests[i].full);
}

CAF_TEST(the first start fetches the months before oldest first) {
  s.trade_all(at("2026-04-29T08:00:00Z"), at("2026-07-01T20:00:00Z"));
  options.backfill_months = 3;
  start();
  texts months;
  for (auto& x : s.requests)
    months.push_back(x.month);
  CAF_CHECK_EQUAL(months, (texts{"", "2026-05", "2026-06", "2026-07"}));
  auto events = published();
  CAF_REQUIRE(!events.empty());
  CAF_CHECK_EQUAL(format_rfc3339(events[0].value.start),
                  "2026-05-01T08:00:00Z");
}

CAF_TEST(back pressure holds the polls and only the polls) {
  s.trade_all(at("2026-07-01T13:00:00Z"), at("2026-07-01T20:00:00Z"));
  s.publish_failures = 1;
  start();
  self->send(uut, pressure_atom_v, true);
  pass(10min);
  CAF_CHECK_EQUAL(s.requests.size(), 1u);
  CAF_CHECK_EQUAL(s.batches.size(), 1u); // what was fetched is published
  CAF_CHECK_EQUAL(status(), "held: PostgreSQL is behind");
  self->send(uut, pressure_atom_v, false);
  pass(1s);
  CAF_CHECK_EQUAL(s.requests.size(), 2u);
}

CAF_TEST(no call is made while the exchange is closed) {
  s.source_now = at("2026-07-01T23:50:00Z"); // 19:50 New York
  s.trade_all(at("2026-07-01T23:00:00Z"), at("2026-07-02T20:00:00Z"));
  start();
  pass(20min); // the last bar is final at 20:01
  CAF_CHECK_EQUAL(published_starts().back(), "23:55");
  auto calls = s.requests.size();
  CAF_CHECK(is_state("no session; the next bar is final at "
                     "2026-07-02T08:06:00Z"));
  pass(7h + 55min); // 04:05 New York
  CAF_CHECK_EQUAL(s.requests.size(), calls);
  pass(3min);
  CAF_CHECK_EQUAL(s.requests.size(), calls + 1);
  CAF_CHECK_EQUAL(published_starts().back(), "08:00");
}

CAF_TEST(a simulated clock that runs faster is followed) {
  s.trade_all(at("2026-07-01T13:00:00Z"), at("2026-07-01T23:00:00Z"));
  options.poll_interval = 1s;
  options.clock = [] { return at("2026-11-24T12:00:00Z"); };
  start();
  for (int i = 0; i < 60; ++i) {
    s.source_now += 59s; // and one more by pass(): 60 times as fast
    pass(1s);
  }
  // 15:00:30 is shown: [14:50, 14:55) has been final for four minutes.
  CAF_CHECK(published().back().value.start >= at("2026-07-01T14:50:00Z"));
  // A bar every five seconds is worth a poll every five seconds.
  CAF_CHECK(s.requests.size() < 20);
}

CAF_TEST_FIXTURE_SCOPE_END()
