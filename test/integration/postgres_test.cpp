#define CAF_SUITE postgres

#include "test/integration/test_database.hpp"

#include "io/postgres/migrations.hpp"
#include "io/postgres/paused_tickers.hpp"
#include "io/postgres/postgres_ledger.hpp"
#include "io/postgres/registry.hpp"
#include "io/postgres/shard_store.hpp"
#include "market/exchange_time.hpp"

#include <caf/test/unit_test.hpp>

#include <thread>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

constexpr auto open_text = "2020-11-02T14:30:00Z";

struct fixture {
  test_database db;

  void prepare() {
    CAF_REQUIRE(migrate(db.dsn()));
    CAF_REQUIRE(prepare_pipeline(db.dsn(), source(), {{"ACME", 60}}));
  }

  pipeline_source source() { return {"stock_analysis", "cluster-1", 4, false}; }

  shard_claim claim(std::int64_t epoch, std::string owner = "w1") {
    return {2, epoch, 0, std::move(owner), {"ACME"}};
  }

  bar bar_at(std::chrono::minutes offset, std::int64_t price) {
    bar x;
    x.symbol = "ACME";
    x.start = *parse_rfc3339(open_text) + offset;
    x.open_e4 = x.high_e4 = x.low_e4 = x.close_e4 = price * price_scale;
    x.volume_shares = 10;
    return x;
  }

  shard_write write_of(ticker_book& book, std::int64_t epoch, std::int64_t from,
                       std::int64_t next) {
    shard_write x;
    x.shard = 2;
    x.epoch = epoch;
    x.from_offset = from;
    x.next_offset = next;
    book.take_changes(x.changes);
    return x;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(postgres_tests, fixture)

CAF_TEST(migrations are applied once also by nodes that start together) {
  std::vector<std::thread> threads;
  std::atomic<int> applied{0};
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      if (auto n = migrate(db.dsn()))
        applied += *n;
      else
        applied += 1000;
    });
  for (auto& t : threads)
    t.join();
  CAF_CHECK_EQUAL(applied.load(),
                  static_cast<int>(program_migrations().size()));
  CAF_CHECK_EQUAL(db.value("SELECT count(*) FROM tickerflow.migration"),
                  std::to_string(program_migrations().size()));
}

CAF_TEST(a database that is newer than the program is refused) {
  CAF_REQUIRE(migrate(db.dsn()));
  db.run("INSERT INTO tickerflow.migration (version, name, checksum)"
         " VALUES (999, '999_future.sql', '')");
  auto result = migrate(db.dsn());
  CAF_REQUIRE(!result);
  CAF_CHECK(result.error() == errc::newer_schema);
  CAF_CHECK_NOT_EQUAL(text_of(result.error()).find("999"), std::string::npos);
}

CAF_TEST(a migration that was changed after it was applied is refused) {
  CAF_REQUIRE(migrate(db.dsn()));
  auto changed = program_migrations();
  changed[0].text = "SELECT 1";
  auto result = migrate(db.dsn(), changed);
  CAF_REQUIRE(!result);
  CAF_CHECK(result.error() == errc::bad_setting);
}

CAF_TEST(a migration that fails leaves nothing behind) {
  auto broken = program_migrations();
  broken.push_back({99, "099_broken.sql", "CREATE TABLE x (i int); NONSENSE"});
  CAF_CHECK(!migrate(db.dsn(), broken));
  CAF_CHECK_EQUAL(db.value("SELECT to_regclass('market.bar') IS NULL"), "t");
}

CAF_TEST(an earlier pipelines table is not touched and named as the cause) {
  db.run("CREATE TABLE stocks (date text, symbol text)");
  auto result = migrate(db.dsn());
  CAF_REQUIRE(!result);
  CAF_CHECK(result.error() == errc::bad_setting);
  CAF_CHECK_NOT_EQUAL(text_of(result.error()).find("RENAME TO"),
                      std::string::npos);
  db.run("ALTER TABLE stocks RENAME TO stocks_legacy");
  CAF_CHECK(migrate(db.dsn()));
}

CAF_TEST(every table column of the market has a comment) {
  CAF_REQUIRE(migrate(db.dsn()));
  CAF_CHECK_EQUAL(
      db.value(
          "SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid ="
          " a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
          " WHERE n.nspname = 'market' AND c.relkind = 'r' AND a.attnum > 0"
          " AND col_description(c.oid, a.attnum) IS NULL"),
      "0");
}

CAF_TEST(a write puts bars windows and offset in one transaction) {
  prepare();
  shard_store uut{db.dsn()};
  CAF_REQUIRE(uut.claim(claim(1)));
  ticker_book book{"ACME", 60s, nyse()};
  book.admit(bar_at(0min, 10));
  book.admit(bar_at(20min, 11));
  auto x = write_of(book, 1, 0, 2);
  x.dead_letters.push_back({"stock_analysis", 2, 1, "not_json", "why", "k",
                            std::string{"\0\xff", 2}});
  auto stored = uut.write(x);
  CAF_REQUIRE(stored);
  CAF_CHECK_EQUAL(*stored, 2);
  CAF_CHECK_EQUAL(db.value("SELECT count(*) FROM market.bar"), "2");
  CAF_CHECK_EQUAL(db.value("SELECT count(*) FROM market.bar_window"), "6");
  CAF_CHECK_EQUAL(db.value("SELECT vwap FROM market.bar_window WHERE width ="
                           " '1d'"),
                  "10.500000");
  CAF_CHECK_EQUAL(db.value("SELECT next_offset FROM pipeline.shard WHERE shard"
                           " = 2"),
                  "2");
  CAF_CHECK_EQUAL(db.value("SELECT encode(payload, 'hex') FROM"
                           " pipeline.dead_letter"),
                  "00ff");
  CAF_CHECK_EQUAL(
      db.value("SELECT date AT TIME ZONE 'UTC' FROM stocks ORDER BY 1 LIMIT 1"),
      "2020-11-02 14:30:00");
}

CAF_TEST(the same write twice is applied once) {
  prepare();
  shard_store uut{db.dsn()};
  CAF_REQUIRE(uut.claim(claim(1)));
  ticker_book book{"ACME", 60s, nyse()};
  book.admit(bar_at(0min, 10));
  auto x = write_of(book, 1, 0, 1);
  CAF_REQUIRE(uut.write(x));
  auto again = uut.write(x); // as after a COMMIT whose answer was lost
  CAF_REQUIRE(again);
  CAF_CHECK_EQUAL(*again, 1);
  CAF_CHECK_EQUAL(db.value("SELECT count(*) FROM market.bar"), "1");
}

CAF_TEST(only the process that claimed an epoch may claim it again) {
  prepare();
  shard_store uut{db.dsn()};
  CAF_REQUIRE(uut.claim(claim(3)));
  CAF_CHECK(uut.claim(claim(3))); // to start anew from what is stored
  CAF_CHECK(!uut.claim(claim(2)));
  // Another process, of the same name.
  db.run("UPDATE pipeline.shard SET claimed_by = 'another'");
  auto refused = uut.claim(claim(3));
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error() == errc::fenced);
  CAF_CHECK_EQUAL(fencing_epoch(refused.error()), 3);
}

CAF_TEST(a zombie changes no row and learns that it was fenced) {
  prepare();
  shard_store zombie{db.dsn()};
  shard_store owner{db.dsn()};
  CAF_REQUIRE(zombie.claim(claim(1, "old")));
  CAF_REQUIRE(owner.claim(claim(2, "new")));
  ticker_book book{"ACME", 60s, nyse()};
  book.admit(bar_at(0min, 10));
  auto refused = zombie.write(write_of(book, 1, 0, 1));
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error() == errc::fenced);
  CAF_CHECK_EQUAL(fencing_epoch(refused.error()), 2);
  CAF_CHECK_EQUAL(db.value("SELECT count(*) FROM market.bar"), "0");
  CAF_CHECK_EQUAL(db.value("SELECT owner FROM pipeline.shard WHERE shard = 2"),
                  "new");
}

CAF_TEST(a claim is not held up by an owner that hangs within a write) {
  prepare();
  shard_store old_owner{db.dsn()};
  CAF_REQUIRE(old_owner.claim(claim(1)));
  // What a halted process leaves: a transaction in the middle of its COPY.
  pqxx::connection c{db.dsn()};
  pqxx::work tx{c};
  tx.exec("UPDATE pipeline.shard SET next_offset = 9 WHERE shard = 2");
  pqxx::stream_to rows{tx, "pipeline.master",
                       std::vector<std::string>{"node", "address"}};
  shard_store new_owner{db.dsn()};
  // Nobody with a right to the shard: it has to wait, and ends nobody.
  db.run("INSERT INTO pipeline.leader (term, node, address, backend)"
         " VALUES (7, 'm2', 'm2:1', 0)");
  auto old_term = claim(2, "w2");
  old_term.term = 6;
  CAF_CHECK(!new_owner.claim(old_term));
  auto sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname ="
                  " current_database() AND query LIKE 'COPY%'";
  CAF_CHECK_EQUAL(db.value(sessions), "1");
  auto right = claim(2, "w2");
  right.term = 7;
  auto state = new_owner.claim(right);
  CAF_REQUIRE(state);
  CAF_CHECK_EQUAL(state->next_offset, 0);
  CAF_CHECK_EQUAL(db.value(sessions), "0");
  CAF_CHECK_EQUAL(
      db.value("SELECT owner || ' ' || epoch FROM pipeline.shard WHERE shard"
               " = 2"),
      "w2 2");
}

CAF_TEST(a write that does not start at the stored offset is refused) {
  prepare();
  shard_store uut{db.dsn()};
  CAF_REQUIRE(uut.claim(claim(1)));
  ticker_book book{"ACME", 60s, nyse()};
  book.admit(bar_at(0min, 10));
  auto result = uut.write(write_of(book, 1, 7, 8));
  CAF_REQUIRE(!result);
  CAF_CHECK(result.error() == errc::stale_state);
  CAF_CHECK_EQUAL(db.value("SELECT count(*) FROM market.bar"), "0");
}

CAF_TEST(a new owner goes on where the old one stopped) {
  prepare();
  shard_store first{db.dsn()};
  CAF_REQUIRE(first.claim(claim(1)));
  ticker_book before{"ACME", 60s, nyse()};
  // Two days of one week, so that the week is made of stored bars.
  before.admit(bar_at(0min, 10));
  before.admit(bar_at(1min, 20));
  before.admit(bar_at(24h, 30));
  CAF_REQUIRE(first.write(write_of(before, 1, 0, 3)));
  shard_store second{db.dsn()};
  auto state = second.claim(claim(2));
  CAF_REQUIRE(state);
  CAF_CHECK_EQUAL(state->next_offset, 3);
  CAF_REQUIRE_EQUAL(state->days.size(), 1u);
  ticker_book after{"ACME", 60s, nyse()};
  after.restore(state->days[0]);
  CAF_CHECK(after.watermark() == before.watermark());
  // The same late bar must lead both to the same rows.
  auto late = bar_at(24h + 2min, 15);
  before.admit(late);
  after.admit(late);
  book_changes a, b;
  before.take_changes(a);
  after.take_changes(b);
  CAF_REQUIRE_EQUAL(a.windows.size(), b.windows.size());
  for (size_t i = 0; i < a.windows.size(); ++i) {
    CAF_CHECK(a.windows[i].value.width == b.windows[i].value.width);
    CAF_CHECK_EQUAL(a.windows[i].value.high_e4, b.windows[i].value.high_e4);
    CAF_CHECK_EQUAL(a.windows[i].value.bars, b.windows[i].value.bars);
    CAF_CHECK(a.windows[i].value.price_volume
              == b.windows[i].value.price_volume);
    CAF_CHECK_EQUAL(a.windows[i].is_new, b.windows[i].is_new);
    CAF_CHECK_EQUAL(a.windows[i].value.revision, b.windows[i].value.revision);
  }
}

CAF_TEST(an old day is loaded with the rest of its week) {
  prepare();
  shard_store uut{db.dsn()};
  CAF_REQUIRE(uut.claim(claim(1)));
  ticker_book book{"ACME", 60s, nyse()};
  for (auto day = 0; day < 5; ++day)
    book.admit(bar_at(day * 24h, 10 + day));
  CAF_REQUIRE(uut.write(write_of(book, 1, 0, 5)));
  auto tuesday = nyse().day_at(bar_at(24h, 1).start)->date;
  auto days = uut.load({"ACME", tuesday.time_since_epoch().count(), 2, 1});
  CAF_REQUIRE(days);
  CAF_REQUIRE_EQUAL(days->size(), 1u);
  CAF_CHECK_EQUAL((*days)[0].bars.size(), 1u);
  CAF_CHECK_EQUAL((*days)[0].week.size(), 4u);
  // A correction of that day revises the week as a whole.
  CAF_CHECK(book.admit(bar_at(24h, 50)) == ticker_book::outcome::needs_day);
  book.restore((*days)[0]);
  CAF_CHECK(book.admit(bar_at(24h, 50)) == ticker_book::outcome::corrected);
  CAF_REQUIRE(uut.write(write_of(book, 1, 5, 6)));
  CAF_CHECK_EQUAL(db.value("SELECT high || ' ' || bars FROM market.bar_window"
                           " WHERE width = '1w'"),
                  "50.0000 5");
  CAF_CHECK_EQUAL(db.value("SELECT revision FROM market.bar WHERE close = 50"),
                  "1");
}

CAF_TEST(an old owner may not load what a newer one wrote) {
  prepare();
  shard_store old_owner{db.dsn()};
  CAF_REQUIRE(old_owner.claim(claim(1)));
  shard_store new_owner{db.dsn()};
  CAF_REQUIRE(new_owner.claim(claim(2, "w2")));
  auto day = nyse().day_at(bar_at(0min, 1).start)->date;
  day_request x{"ACME", day.time_since_epoch().count(), 2, 1};
  auto refused = old_owner.load(x);
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error() == errc::fenced);
  CAF_CHECK_EQUAL(fencing_epoch(refused.error()), 2);
  x.epoch = 2;
  CAF_CHECK(new_owner.load(x));
}

CAF_TEST(a symbol that is an SQL word is only a symbol) {
  prepare();
  shard_store uut{db.dsn()};
  CAF_REQUIRE(uut.claim(claim(1)));
  ticker_book book{"NULL", 60s, nyse()};
  auto x = bar_at(0min, 10);
  x.symbol = "NULL";
  book.admit(x);
  CAF_REQUIRE(uut.write(write_of(book, 1, 0, 1)));
  x.close_e4 = x.high_e4 = 120'000;
  book.admit(x);
  CAF_REQUIRE(uut.write(write_of(book, 1, 1, 2)));
  CAF_CHECK_EQUAL(db.value("SELECT close FROM market.bar WHERE symbol ="
                           " 'NULL'"),
                  "12.0000");
}

CAF_TEST(another Kafka cluster or another number of partitions is refused) {
  prepare();
  auto other = source();
  other.cluster_id = "cluster-2";
  auto result = prepare_pipeline(db.dsn(), other, {});
  CAF_REQUIRE(!result);
  CAF_CHECK(result.error() == errc::bad_setting);
  other = source();
  other.shards = 8;
  CAF_CHECK(!prepare_pipeline(db.dsn(), other, {}));
  other.reset_offsets = true;
  auto reset = prepare_pipeline(db.dsn(), other, {});
  CAF_REQUIRE(reset);
  CAF_CHECK_EQUAL(reset->shards.size(), 8u);
}

CAF_TEST(offsets of a topic of another name are not taken for ours) {
  prepare();
  auto other = source();
  other.topic = "stock_analysis_2";
  CAF_CHECK(prepare_pipeline(db.dsn(), other, {})); // nothing was read yet
  db.run("DELETE FROM pipeline.source WHERE topic = 'stock_analysis_2'");
  db.run("UPDATE pipeline.shard SET next_offset = 40 WHERE shard = 1");
  auto refused = prepare_pipeline(db.dsn(), other, {});
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error() == errc::bad_setting);
  CAF_CHECK_NOT_EQUAL(text_of(refused.error()).find("stock_analysis_2"),
                      std::string::npos);
  other.reset_offsets = true;
  CAF_CHECK(prepare_pipeline(db.dsn(), other, {}));
  CAF_CHECK_EQUAL(db.value("SELECT sum(next_offset) FROM pipeline.shard"), "0");
  other.reset_offsets = false;
  CAF_CHECK(prepare_pipeline(db.dsn(), other, {}));
}

CAF_TEST(a ticker is not stored in two intervals) {
  prepare();
  auto result = prepare_pipeline(db.dsn(), source(), {{"ACME", 300}});
  CAF_REQUIRE(!result);
  CAF_CHECK_NOT_EQUAL(text_of(result.error()).find("1min"), std::string::npos);
}

CAF_TEST(a master finds who owned the shards) {
  prepare();
  shard_store store{db.dsn()};
  CAF_REQUIRE(store.claim(claim(7, "w9")));
  auto found = prepare_pipeline(db.dsn(), source(), {});
  CAF_REQUIRE(found);
  CAF_REQUIRE_EQUAL(found->shards.size(), 4u);
  CAF_CHECK_EQUAL(found->shards[2].epoch, 7);
  CAF_CHECK_EQUAL(found->shards[2].owner, "w9");
  CAF_CHECK_EQUAL(found->shards[1].owner, "");
}

CAF_TEST(the API budget survives a restart and two masters do not share it) {
  prepare();
  auto ledger = make_postgres_ledger(db.dsn());
  auto empty = ledger->load("fingerprint");
  CAF_REQUIRE(empty);
  CAF_CHECK(*empty == budget_row{});
  budget_row first{date::sys_days{date::year{2020} / 11 / 27}, 7,
                   budget_time{std::chrono::milliseconds{1606500000123}}};
  CAF_CHECK(!ledger->save("fingerprint", budget_row{}, first));
  auto other = make_postgres_ledger(db.dsn());
  auto row = other->load("fingerprint");
  CAF_REQUIRE(row);
  CAF_CHECK(*row == first);
  auto second = first;
  ++second.used;
  CAF_CHECK(!other->save("fingerprint", first, second));
  // The first master still believes in what it wrote: it is turned away.
  auto stale = ledger->save("fingerprint", first, second);
  CAF_CHECK(stale == errc::stale_state);
}

CAF_TEST(a wrong password and an absent server are told apart) {
  auto dsn = db.dsn();
  auto colon = dsn.find(':', dsn.find("//") + 2);
  auto wrong = dsn;
  wrong.replace(colon + 1, dsn.find('@') - colon - 1, "wrong");
  auto refused = migrate(wrong);
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error() == errc::refused);
  CAF_CHECK_NOT_EQUAL(text_of(refused.error()).find("POSTGRES_PASSWORD"),
                      std::string::npos);
  auto absent = migrate("postgresql://x:y@127.0.0.1:9/z");
  CAF_REQUIRE(!absent);
  CAF_CHECK(absent.error() == errc::unavailable);
}

CAF_TEST(a connection that the server closed is made again) {
  prepare();
  shard_store uut{db.dsn()};
  CAF_REQUIRE(uut.claim(claim(1)));
  db.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <>"
          " pg_backend_pid() AND datname = current_database()");
  ticker_book book{"ACME", 60s, nyse()};
  book.admit(bar_at(0min, 10));
  auto x = write_of(book, 1, 0, 1);
  auto first = uut.write(x);
  CAF_REQUIRE(!first);
  CAF_CHECK(first.error() == errc::unavailable);
  CAF_CHECK(uut.write(x));
}

CAF_TEST(a paused ticker is still paused for the next master) {
  prepare();
  db.run("INSERT INTO pipeline.leader (term, node, address, backend)"
         " VALUES (5, 'm1', 'h:1', 1)");
  paused_tickers uut{db.dsn(), 5};
  auto paused = uut.set("ACME", true);
  CAF_REQUIRE(paused);
  CAF_CHECK(*paused);
  auto start = prepare_pipeline(db.dsn(), source(), {{"ACME", 60}});
  CAF_REQUIRE(start);
  CAF_CHECK_EQUAL(start->paused, std::vector<std::string>{"ACME"});
  auto unknown = uut.set("NONE", true);
  CAF_REQUIRE(!unknown);
  CAF_CHECK(unknown.error() == errc::bad_request);
  // That next master has read it already.
  paused_tickers old{db.dsn(), 4};
  auto late = old.set("ACME", false);
  CAF_REQUIRE(!late);
  CAF_CHECK(late.error() == errc::fenced);
  auto resumed = uut.set("ACME", false);
  CAF_REQUIRE(resumed);
  CAF_CHECK(!*resumed);
  start = prepare_pipeline(db.dsn(), source(), {{"ACME", 60}});
  CAF_REQUIRE(start);
  CAF_CHECK(start->paused.empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
