#define CAF_SUITE leadership

// Who leads, on a real PostgreSQL.

#include "io/postgres/leadership.hpp"

#include "io/postgres/migrations.hpp"
#include "io/postgres/registry.hpp"
#include "io/postgres/shard_store.hpp"
#include "test/integration/test_database.hpp"

#include <caf/test/unit_test.hpp>

#include <thread>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

struct fixture {
  test_database db;

  fixture() {
    CAF_REQUIRE(migrate(db.dsn()));
    CAF_REQUIRE(prepare_pipeline(
        db.dsn(), {"stock_analysis", "cluster-1", 4, false}, {}));
  }

  leadership master(const std::string& name,
                    std::chrono::milliseconds hung_after = 60s) {
    return {db.dsn(), {name, name + ":4711", {}, hung_after}};
  }

  bool leads(caf::expected<bool> x) {
    if (!x)
      CAF_FAIL(text_of(x.error()));
    return *x;
  }

  /// As if the leader had been silent for an hour.
  void age_leader() {
    db.run("UPDATE pipeline.leader SET renewed_at = now() - interval '1 h'");
  }

  /// Ends all other sessions, as a restart of the server does.
  void end_sessions() {
    db.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
           " datname = current_database() AND pid <> pg_backend_pid()");
  }

  caf::expected<shard_state> claim(std::int64_t epoch, std::int64_t term) {
    shard_claim x;
    x.shard = 2;
    x.epoch = epoch;
    x.term = term;
    x.owner = "w1";
    return shard_store{db.dsn()}.claim(x);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(leadership_tests, fixture)

CAF_TEST(one of two masters leads and both are seen) {
  auto a = master("a");
  auto b = master("b");
  CAF_CHECK(leads(a.campaign()));
  CAF_CHECK(!leads(b.campaign()));
  CAF_CHECK(leads(a.renew()));
  CAF_CHECK(!leads(b.campaign()));
  CAF_REQUIRE_EQUAL(b.masters().size(), 2u);
  CAF_CHECK(b.masters()[0].leading);
  CAF_CHECK(!b.masters()[1].leading);
  CAF_CHECK_EQUAL(b.masters()[1].address, "b:4711");
}

CAF_TEST(the next leader has a higher term) {
  auto a = master("a");
  CAF_REQUIRE(leads(a.campaign()));
  a.resign();
  auto b = master("b");
  CAF_REQUIRE(leads(b.campaign()));
  CAF_CHECK_GREATER(b.term(), a.term());
}

CAF_TEST(a leader whose session ended frees the lead at once) {
  auto b = master("b");
  {
    auto a = master("a");
    CAF_REQUIRE(leads(a.campaign()));
    CAF_CHECK(!leads(b.campaign()));
  } // as its process ends, so does its session
  for (int i = 0; i < 100 && !leads(b.campaign()); ++i)
    std::this_thread::sleep_for(20ms); // the server notices it on its own
  CAF_CHECK(leads(b.renew()));
}

CAF_TEST(a leader that hangs is put out and learns that it lost) {
  auto a = master("a");
  auto b = master("b", 1s);
  CAF_REQUIRE(leads(a.campaign()));
  age_leader();
  auto won = false;
  for (int i = 0; i < 100 && !won; ++i) {
    won = leads(b.campaign());
    std::this_thread::sleep_for(20ms);
  }
  CAF_REQUIRE(won);
  // It wakes: its session is gone at its first try, the lead at the second.
  auto first = a.renew();
  CAF_REQUIRE(!first);
  CAF_CHECK(first.error() == errc::unavailable);
  CAF_CHECK(!leads(a.renew()));
  CAF_CHECK(leads(b.renew()));
}

CAF_TEST(a leader that renews is not put out) {
  auto a = master("a");
  auto b = master("b", 1s);
  CAF_REQUIRE(leads(a.campaign()));
  CAF_CHECK(!leads(b.campaign()));
  CAF_CHECK(leads(a.renew())); // its session is there
}

CAF_TEST(a leader goes on with its term after the database restarted) {
  auto a = master("a");
  CAF_REQUIRE(leads(a.campaign()));
  auto term = a.term();
  end_sessions();
  CAF_CHECK(!a.renew()); // the outage
  CAF_CHECK(leads(a.renew()));
  CAF_CHECK_EQUAL(a.term(), term);
  auto b = master("b");
  CAF_CHECK(!leads(b.campaign()));
}

CAF_TEST(a leader that was overtaken during an outage steps down) {
  auto a = master("a");
  auto b = master("b");
  CAF_REQUIRE(leads(a.campaign()));
  end_sessions();
  CAF_REQUIRE(leads(b.campaign()));
  CAF_CHECK(!a.renew());
  CAF_CHECK(!leads(a.renew()));
  b.resign(); // even a free lock does not bring the old term back
  CAF_CHECK(!leads(a.renew()));
}

CAF_TEST(a claim under an older term changes nothing) {
  auto a = master("a");
  auto b = master("b");
  CAF_REQUIRE(leads(a.campaign()));
  CAF_CHECK(claim(1, a.term()));
  a.resign();
  CAF_REQUIRE(leads(b.campaign()));
  auto late = claim(2, a.term());
  CAF_REQUIRE(!late);
  CAF_CHECK(late.error() == errc::fenced);
  CAF_CHECK_EQUAL(db.value("SELECT epoch FROM pipeline.shard WHERE shard = 2"),
                  "1");
  CAF_CHECK(claim(2, b.term()));
}

CAF_TEST(who only looks does not lead) {
  auto a = master("a");
  CAF_CHECK(!leads(a.observe()));
  auto b = master("b");
  CAF_REQUIRE(leads(b.campaign()));
  CAF_CHECK(leads(a.observe()));
  CAF_CHECK_EQUAL(a.term(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
