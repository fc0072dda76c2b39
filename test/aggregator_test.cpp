#define CAF_SUITE aggregator

#include "actors/aggregator.hpp"

#include "io/event/event.hpp"
#include "market/exchange_time.hpp"
#include "messages/setup.hpp"

#include <caf/test/dsl.hpp>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

struct config : caf::actor_system_config {
  config() { add_messages(*this); }
};

/// A writer that records what it is given and answers as it is told.
struct script {
  std::int64_t next_offset = 0;
  std::vector<shard_write_ptr> writes; // that were applied
  std::vector<outgoing_record> published;
  std::vector<std::string> log; // order of what happened
  int write_failures = 0;       // answers `unavailable` so often
  int publish_failures = 0;
  bool fence = false;
  bool lose_answer = false; // applies a write, then says `unavailable`
  bool hold_load = false;   // answers loads when told to
  caf::typed_response_promise<stored_days_ptr> held;
  std::int32_t credit = 0;
  std::int64_t feed_offset = -1;
};

postgres_writer_actor::behavior_type
scripted_writer(postgres_writer_actor::pointer self, script* s) {
  return {
      [s](claim_atom, const shard_claim& x) -> caf::result<shard_state_ptr> {
        s->log.push_back("claim");
        if (s->fence)
          return caf::make_error(errc::fenced, std::string{"fenced"},
                                 x.epoch + 4);
        auto state = std::make_shared<shard_state>();
        state->next_offset = s->next_offset;
        return shard_state_ptr{state};
      },
      [s](write_atom, const shard_write_ptr& x) -> caf::result<std::int64_t> {
        if (s->fence)
          return caf::make_error(errc::fenced, std::string{"fenced"},
                                 x->epoch + 1);
        if (s->write_failures > 0) {
          --s->write_failures;
          s->log.push_back("write_failed");
          return failure(errc::unavailable, "away");
        }
        if (x->next_offset == s->next_offset)
          return s->next_offset; // committed before
        CAF_REQUIRE_EQUAL(x->from_offset, s->next_offset);
        s->next_offset = x->next_offset;
        s->writes.push_back(x);
        s->log.push_back("write");
        if (s->lose_answer) {
          s->lose_answer = false;
          return failure(errc::unavailable, "lost during COMMIT");
        }
        return s->next_offset;
      },
      [s](failure_atom, const record_failure& x) {
        // Only its own actor may answer what is held.
        if (s->held.pending()) {
          stored_day empty;
          empty.symbol = "ACME";
          empty.date = date::sys_days{date::days{static_cast<int>(x.offset)}};
          s->held.deliver(
              std::make_shared<const std::vector<stored_day>>(1, empty));
        }
        return std::int32_t{1};
      },
      [=](load_atom, const day_request& x) -> caf::result<stored_days_ptr> {
        s->log.push_back("load " + x.symbol);
        if (s->hold_load) {
          s->held = self->make_response_promise<stored_days_ptr>();
          return s->held;
        }
        stored_day empty;
        empty.symbol = x.symbol;
        empty.date = date::sys_days{date::days{static_cast<int>(x.day)}};
        return std::make_shared<const std::vector<stored_day>>(1, empty);
      },
  };
}

kafka_bridge_actor::behavior_type scripted_bridge(kafka_bridge_actor::pointer,
                                                  script* s) {
  return {
      [s](open_feed_atom, std::int32_t, std::int64_t, std::int64_t offset,
          const aggregator_actor&) { s->feed_offset = offset; },
      [s](close_feed_atom, std::int32_t, std::int64_t) { s->feed_offset = -1; },
      [s](grant_atom, std::int32_t, std::int64_t, std::int32_t x) {
        s->credit += x;
      },
      [s](publish_atom,
          const outgoing_batch_ptr& x) -> caf::result<std::int64_t> {
        if (s->publish_failures > 0) {
          --s->publish_failures;
          s->log.push_back("publish_failed");
          return failure(errc::unavailable, "no broker");
        }
        s->log.push_back("publish");
        s->published.insert(s->published.end(), x->records.begin(),
                            x->records.end());
        return static_cast<std::int64_t>(x->records.size());
      },
      [](poll_atom) {},
  };
}

struct fixture : test_coordinator_fixture<config> {
  script s;
  postgres_writer_actor writer = sys.spawn(scripted_writer, &s);
  kafka_bridge_actor bridge = sys.spawn(scripted_bridge, &s);
  aggregator_actor uut;
  std::int64_t offset = 0;

  void start() {
    aggregator_options options;
    options.shard = 3;
    options.epoch = 7;
    options.node = "test";
    options.tickers = {{"ACME", 60}, {"TSLA", 60}};
    options.batch_max_bars = 1000;
    uut = sys.spawn(aggregator, writer, bridge, options);
    consume_messages();
    offset = s.next_offset;
  }

  ~fixture() {
    for (auto x :
         {caf::actor_cast<caf::actor>(uut), caf::actor_cast<caf::actor>(writer),
          caf::actor_cast<caf::actor>(bridge)})
      if (x)
        caf::anon_send_exit(x, caf::exit_reason::kill);
    consume_messages();
  }

  std::string event(std::string_view start, double price,
                    std::string symbol = "ACME") {
    bar x;
    x.symbol = std::move(symbol);
    x.start = *parse_rfc3339(start);
    x.open_e4 = x.high_e4 = x.low_e4 = x.close_e4 =
        static_cast<std::int64_t>(price * price_scale);
    x.volume_shares = 10;
    return encode_event(x, session::regular, "test", x.start, 0);
  }

  void feed(std::vector<std::string> values, std::int64_t epoch = 7) {
    auto owner = std::make_shared<std::vector<std::string>>(std::move(values));
    auto batch = std::make_shared<record_batch>();
    batch->shard = 3;
    batch->epoch = epoch;
    for (auto& x : *owner)
      batch->records.push_back({offset++, "ACME", x});
    batch->high_watermark = offset;
    batch->owner = owner;
    --s.credit;
    caf::anon_send(uut, records_atom_v, record_batch_ptr{batch});
    consume_messages();
  }

  void linger() {
    advance_time(20ms);
    consume_messages();
  }

  bool ended() {
    return caf::actor_cast<caf::abstract_actor*>(uut)->getf(
        caf::abstract_actor::is_terminated_flag);
  }
};

constexpr auto t0 = "2020-11-02T14:30:00Z";
constexpr auto t1 = "2020-11-02T14:31:00Z";
constexpr auto t20 = "2020-11-02T14:50:00Z";

} // namespace

CAF_TEST_FIXTURE_SCOPE(aggregator_tests, fixture)

CAF_TEST(a new owner reads from the stored offset on) {
  s.next_offset = 42;
  start();
  CAF_CHECK_EQUAL(s.feed_offset, 42);
  CAF_CHECK_EQUAL(s.credit, 6);
}

CAF_TEST(bars and windows go into one write with the next offset) {
  start();
  feed({event(t0, 10), event(t1, 11)});
  CAF_CHECK(s.writes.empty());
  linger();
  CAF_REQUIRE_EQUAL(s.writes.size(), 1u);
  auto& x = *s.writes[0];
  CAF_CHECK_EQUAL(x.epoch, 7);
  CAF_CHECK_EQUAL(x.from_offset, 0);
  CAF_CHECK_EQUAL(x.next_offset, 2);
  CAF_CHECK_EQUAL(x.changes.bars.size(), 2u);
  CAF_CHECK_EQUAL(x.changes.windows.size(), 5u); // 15m 30m 1h 1d 1w
}

CAF_TEST(credit comes back when the records are stored and not before) {
  start();
  feed({event(t0, 10)});
  CAF_CHECK_EQUAL(s.credit, 5);
  s.write_failures = 1;
  linger();
  CAF_CHECK_EQUAL(s.credit, 5);
  advance_time(200ms);
  consume_messages();
  CAF_CHECK_EQUAL(s.writes.size(), 1u);
  CAF_CHECK_EQUAL(s.credit, 6);
}

CAF_TEST(garbage becomes a dead letter and blocks nothing) {
  start();
  feed({"not json", event(t0, 10), event(t1, 5, "NOPE"), event(t1, 11)});
  linger();
  CAF_REQUIRE_EQUAL(s.writes.size(), 1u);
  auto& x = *s.writes[0];
  CAF_REQUIRE_EQUAL(x.dead_letters.size(), 2u);
  CAF_CHECK_EQUAL(x.dead_letters[0].reason, "not_json");
  CAF_CHECK_EQUAL(x.dead_letters[0].offset, 0);
  CAF_CHECK_EQUAL(x.dead_letters[0].shard, 3);
  CAF_CHECK_EQUAL(x.dead_letters[0].payload, "not json");
  CAF_CHECK_EQUAL(x.dead_letters[1].reason, "unknown_ticker");
  CAF_CHECK_EQUAL(x.changes.bars.size(), 2u);
  CAF_CHECK_EQUAL(x.next_offset, 4);
  CAF_REQUIRE_EQUAL(s.published.size(), 2u);
  CAF_CHECK_EQUAL(s.published[0].topic, "stock_dead_letters");
  CAF_CHECK_EQUAL(s.published[0].value, "not json");
}

CAF_TEST(a final window is announced before it is stored) {
  start();
  feed({event(t0, 10), event(t20, 11)});
  linger();
  CAF_CHECK((s.log == std::vector<std::string>{"claim", "publish", "write"}));
  CAF_REQUIRE_EQUAL(s.published.size(), 1u);
  CAF_CHECK_EQUAL(s.published[0].topic, "stock_processed");
  CAF_CHECK_NOT_EQUAL(s.published[0].value.find("\"interval\":\"15m\""),
                      std::string::npos);
}

CAF_TEST(without a broker nothing is stored that was not announced) {
  start();
  s.publish_failures = 2;
  feed({event(t0, 10), event(t20, 11)});
  linger();
  CAF_CHECK(s.writes.empty());
  for (auto i = 0; i < 4; ++i) {
    advance_time(1s);
    consume_messages();
  }
  CAF_CHECK_EQUAL(s.writes.size(), 1u);
}

CAF_TEST(a commit whose answer was lost is not repeated) {
  start();
  s.lose_answer = true;
  feed({event(t0, 10)});
  linger();
  advance_time(1s);
  consume_messages();
  CAF_CHECK_EQUAL(s.writes.size(), 1u);
  CAF_CHECK_EQUAL(s.credit, 6);
  feed({event(t1, 10)});
  linger();
  CAF_CHECK_EQUAL(s.writes.size(), 2u);
}

CAF_TEST(a fenced aggregator stops and hands the reason to its monitor) {
  start();
  self->monitor(uut);
  s.fence = true;
  feed({event(t0, 10)});
  linger();
  caf::error reason;
  self->receive([&](const caf::down_msg& x) { reason = x.reason; });
  CAF_CHECK(reason == errc::fenced);
  CAF_CHECK(s.writes.empty());
  CAF_CHECK_EQUAL(s.feed_offset, -1);
}

CAF_TEST(a claim that is fenced ends it at once) {
  s.fence = true;
  start();
  CAF_CHECK(ended());
}

CAF_TEST(records of an older epochs feed are ignored) {
  start();
  feed({event(t0, 10)}, 6);
  linger();
  CAF_CHECK(s.writes.empty());
}

CAF_TEST(a revoked aggregator writes what is pending and ends) {
  start();
  feed({event(t0, 10)});
  auto answer = self->request(uut, 1s, revoke_atom_v);
  consume_messages();
  std::int64_t stored = -1;
  answer.receive([&](std::int64_t x) { stored = x; }, [](const caf::error&) {});
  CAF_CHECK_EQUAL(stored, 1);
  CAF_CHECK_EQUAL(s.writes.size(), 1u);
  CAF_CHECK(ended());
}

CAF_TEST(an identical bar moves the offset and writes no row) {
  start();
  feed({event(t0, 10)});
  linger();
  feed({event(t0, 10)});
  linger();
  CAF_REQUIRE_EQUAL(s.writes.size(), 2u);
  CAF_CHECK(s.writes[1]->changes.empty());
  CAF_CHECK_EQUAL(s.writes[1]->next_offset, 2);
}

CAF_TEST(a bar of a day that left memory waits for that day) {
  start();
  for (auto day : {"02", "03", "04", "05", "06"}) {
    feed({event(std::string{"2020-11-"} + day + "T15:00:00Z", 10)});
    linger();
  }
  s.log.clear();
  feed({event("2020-11-02T15:00:00Z", 12)});
  linger();
  CAF_REQUIRE(!s.log.empty());
  CAF_CHECK_EQUAL(s.log.front(), "load ACME");
}

CAF_TEST(no write begins while a day is read) {
  start();
  for (auto day : {"02", "03", "04", "05", "06"}) {
    feed({event(std::string{"2020-11-"} + day + "T15:00:00Z", 10)});
    linger();
  }
  auto writes = s.writes.size();
  s.hold_load = true;
  // The second bar changes the week that the first one asks for.
  feed({event("2020-11-06T15:01:00Z", 11), event("2020-11-02T15:00:00Z", 12)});
  feed({event("2020-11-06T15:02:00Z", 11)});
  linger();
  CAF_CHECK_EQUAL(s.writes.size(), writes);
  CAF_REQUIRE(s.held.pending());
  record_failure release;
  release.offset =
      date::sys_days{date::year{2020} / 11 / 2}.time_since_epoch().count();
  caf::anon_send(writer, failure_atom_v, release);
  consume_messages();
  linger();
  CAF_REQUIRE_EQUAL(s.writes.size(), writes + 1);
  CAF_CHECK_EQUAL(s.writes.back()->changes.bars.size(), 3u);
}

CAF_TEST(records that expired are noted and not skipped in silence) {
  start();
  auto gap = std::make_shared<record_batch>();
  gap->shard = 3;
  gap->epoch = 7;
  gap->lost_before = 100;
  caf::anon_send(uut, records_atom_v, record_batch_ptr{gap});
  consume_messages();
  linger();
  CAF_REQUIRE_EQUAL(s.writes.size(), 1u);
  CAF_CHECK_EQUAL(s.writes[0]->next_offset, 100);
  CAF_REQUIRE_EQUAL(s.writes[0]->dead_letters.size(), 1u);
  CAF_CHECK_EQUAL(s.writes[0]->dead_letters[0].reason, "lost");
}

CAF_TEST(one megabyte of rubbish is kept whole in the dead letter) {
  start();
  feed({std::string(1'000'000, '\xfe')});
  linger();
  CAF_REQUIRE_EQUAL(s.writes.size(), 1u);
  CAF_CHECK_EQUAL(s.writes[0]->dead_letters[0].payload.size(), 1'000'000u);
}

CAF_TEST_FIXTURE_SCOPE_END()
