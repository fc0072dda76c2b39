#define CAF_SUITE supervised_nodes

// Two nodes in one process, each with a writer and a bridge of its own, on a
// real PostgreSQL and a real Kafka; the test gives the orders of a master.

#include "test/integration/test_database.hpp"

#include "actors/introspector.hpp"
#include "actors/kafka_bridge.hpp"
#include "actors/node_introspection.hpp"
#include "actors/node_supervisor.hpp"
#include "actors/postgres_writer.hpp"
#include "io/event/event.hpp"
#include "io/kafka/producer.hpp"
#include "io/kafka/topics.hpp"
#include "io/local_servers/child_process.hpp"
#include "io/postgres/migrations.hpp"
#include "io/postgres/registry.hpp"
#include "io/postgres/shard_store.hpp"
#include "market/exchange_time.hpp"
#include "messages/setup.hpp"

#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/test/unit_test.hpp>

#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <thread>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

constexpr auto symbol = "TSLA";

struct config : caf::actor_system_config {
  config() {
    load<caf::io::middleman>();
    add_messages(*this);
    set("scheduler.max-threads", size_t{2});
  }
};

/// The handles of the actors that a node's factories made last.
struct made_actors {
  std::mutex mutex;
  postgres_writer_actor writer;
  kafka_bridge_actor bridge;

  void kill_one(bool the_writer) {
    std::lock_guard guard{mutex};
    if (the_writer)
      caf::anon_send_exit(writer, caf::exit_reason::kill);
    else
      caf::anon_send_exit(bridge, caf::exit_reason::kill);
  }
};

struct fixture {
  test_database db;
  kafka_options kafka;
  topic_names topics;
  std::atomic<int> gave_up{0};
  made_actors made;
  std::int64_t produced = 0;
  // Last: its end waits for all actors.
  config cfg;
  std::unique_ptr<caf::actor_system> system =
      std::make_unique<caf::actor_system>(cfg);
  std::vector<node_actor> nodes;
  introspector_actor introspects = system->spawn<caf::detached>(
      introspector, std::make_shared<node_introspection>("one", system.get()));

  fixture() {
    static int count = 0;
    auto name = "supervised_" + std::to_string(::getpid()) + '_'
                + std::to_string(++count);
    topics = {name, name + "_processed", name + "_dead"};
    kafka.brokers = server_address("TICKERFLOW_TEST_KAFKA");
    auto facts = ensure_topics(kafka,
                               {{topics.raw, 1, 1, {}},
                                {topics.processed, 1, 1, {}},
                                {topics.dead_letters, 1, 1, {}}},
                               10s);
    CAF_REQUIRE(facts);
    CAF_REQUIRE(migrate(db.dsn()));
    CAF_REQUIRE(prepare_pipeline(db.dsn(), {topics.raw, facts->cluster_id, 1},
                                 {{symbol, 60}}));
  }

  ~fixture() {
    for (auto& x : nodes)
      caf::anon_send_exit(x, caf::exit_reason::kill);
    nodes.clear();
    caf::anon_send_exit(introspects, caf::exit_reason::kill);
    introspects = nullptr;
    made.writer = nullptr;
    made.bridge = nullptr;
    system = nullptr;
  }

  node_actor start_node(const std::string& name,
                        std::function<void(const raw_record&)> on_record = {}) {
    neighbour writer;
    writer.kind = "postgres_writer";
    writer.make = [this] {
      std::lock_guard guard{made.mutex};
      made.writer = system->spawn<caf::detached>(postgres_writer, db.dsn());
      return caf::actor_cast<caf::strong_actor_ptr>(made.writer);
    };
    neighbour bridge;
    bridge.kind = "kafka_bridge";
    bridge.make = [this] {
      kafka_bridge_options x;
      x.reader.kafka = kafka;
      x.reader.topic = topics.raw;
      std::lock_guard guard{made.mutex};
      made.bridge = system->spawn<caf::detached>(kafka_bridge, x);
      return caf::actor_cast<caf::strong_actor_ptr>(made.bridge);
    };
    writer.handle = writer.make();
    bridge.handle = bridge.make();
    node_supervisor_options options;
    options.node.name = name;
    options.aggregator.topics = topics;
    options.aggregator.on_record = std::move(on_record);
    options.gives_up = [this](const caf::error&) { ++gave_up; };
    options.introspector = introspects;
    auto first_writer = made.writer;
    auto first_bridge = made.bridge;
    options.neighbours = {std::move(writer), std::move(bridge)};
    nodes.push_back(
        system->spawn(node_supervisor, first_writer, first_bridge, options));
    return nodes.back();
  }

  void assign(const node_actor& x, std::int64_t epoch) {
    caf::anon_send(x, assign_atom_v, shard_order{1, 0, epoch, {{symbol, 60}}});
  }

  /// @returns minute n of trading, over as many days as it takes
  static bar minute(std::int64_t n) {
    static const std::vector<const char*> days{
        "2020-11-02T14:30:00Z", "2020-11-03T14:30:00Z", "2020-11-04T14:30:00Z",
        "2020-11-05T14:30:00Z", "2020-11-06T14:30:00Z", "2020-11-09T14:30:00Z",
        "2020-11-10T14:30:00Z", "2020-11-11T14:30:00Z", "2020-11-12T14:30:00Z",
        "2020-11-13T14:30:00Z"};
    bar x;
    x.symbol = symbol;
    x.start = *parse_rfc3339(days.at(static_cast<size_t>(n / 390)))
              + std::chrono::minutes{n % 390};
    x.open_e4 = x.close_e4 = (100 + n % 17) * price_scale;
    x.high_e4 = x.close_e4 + price_scale;
    x.low_e4 = x.open_e4 - price_scale;
    x.volume_shares = 10 + n % 7;
    return x;
  }

  void produce(std::int64_t count, std::int64_t bad = -1) {
    auto producer = kafka_producer::make(kafka, -1);
    CAF_REQUIRE(producer);
    auto batch = std::make_shared<outgoing_batch>();
    for (auto end = produced + count; produced < end; ++produced) {
      auto x = minute(produced);
      if (produced == bad)
        x.open_e4 = x.high_e4 = x.low_e4 = x.close_e4 = 666 * price_scale;
      batch->records.push_back(
          {topics.raw, symbol,
           encode_event(x, session::regular, "test", x.start, 0)});
    }
    bool done = false;
    (*producer)->send(batch, [&](caf::expected<std::int64_t> x) {
      CAF_REQUIRE(x);
      done = true;
    });
    while (!done) {
      (*producer)->poll();
      std::this_thread::sleep_for(5ms);
    }
  }

  void wait_for(const std::string& sql, const std::string& wanted) {
    std::string found;
    for (int i = 0; i < 1200; ++i) {
      found = db.value(sql);
      if (found == wanted)
        return;
      std::this_thread::sleep_for(50ms);
    }
    CAF_FAIL(sql << ": wanted " << wanted << ", found " << found);
  }

  template <class T, class Actor, class... Ts>
  T ask(const Actor& whom, const Ts&... xs) {
    T result;
    caf::scoped_actor self{*system};
    self->request(whom, 10s, xs...)
        .receive([&](T& x) { result = std::move(x); },
                 [&](caf::error& x) { CAF_FAIL(system->render(x)); });
    return result;
  }

  /// @returns the newest of a kind that is another than `old`
  std::uint64_t wait_for_another(const introspector_actor& whom,
                                 const std::string& kind, std::uint64_t old) {
    for (int i = 0; i < 600; ++i) {
      std::uint64_t found = 0;
      for (auto& x : ask<node_snapshot>(whom, snapshot_atom_v, false).actors)
        if (x.kind == kind)
          found = x.serial;
      if (found > old)
        return found;
      std::this_thread::sleep_for(50ms);
    }
    CAF_FAIL("no other " << kind);
    return 0;
  }

  void wait_until_stored() {
    wait_for("SELECT next_offset FROM pipeline.shard",
             std::to_string(produced));
  }

  /// Each bar once, and each window as a batch run makes it of them.
  void check_rows(std::int64_t bars) {
    CAF_CHECK_EQUAL(db.value("SELECT count(*) FROM market.bar"),
                    std::to_string(bars));
    CAF_CHECK_EQUAL(
        db.value("SELECT count(*) FROM market.bar WHERE revision <> 0"), "0");
    CAF_CHECK_EQUAL(db.value(R"(
      SELECT count(*) FROM market.bar_window w
      LEFT JOIN LATERAL (
        SELECT (array_agg(b.open ORDER BY b.start))[1] AS open,
               max(b.high) AS high, min(b.low) AS low,
               (array_agg(b.close ORDER BY b.start DESC))[1] AS close,
               sum(b.volume) AS volume, count(*) AS bars
        FROM market.bar b
        WHERE b.symbol = w.symbol AND b.session = w.session
          AND b.start >= w.window_start AND b.start < w.window_end) r ON true
      WHERE (r.open, r.high, r.low, r.close, r.volume, r.bars)
            IS DISTINCT FROM (w.open, w.high, w.low, w.close, w.volume, w.bars)
    )"),
                    "0");
    CAF_CHECK_EQUAL(db.value("SELECT sum(bars) FROM market.bar_window"
                             " WHERE width = '15m'"),
                    std::to_string(bars));
  }

  void check_poison(std::int64_t offset, const std::string& detail) {
    CAF_CHECK_EQUAL(
        db.value("SELECT string_agg(record_offset || ' ' || reason, ',')"
                 " FROM pipeline.dead_letter"),
        std::to_string(offset) + " poison");
    CAF_CHECK_NOT_EQUAL(
        db.value("SELECT detail FROM pipeline.dead_letter").find(detail),
        std::string::npos);
    CAF_CHECK_EQUAL(db.value("SELECT count(*) FROM pipeline.record_failure"),
                    "0");
    CAF_CHECK_EQUAL(gave_up.load(), 0);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(supervised_nodes_tests, fixture)

CAF_TEST(a record that breaks a constraint of the table is found and passed) {
  db.run("ALTER TABLE market.bar ADD CHECK (close <> 666)"); // SQLSTATE 23514
  produce(3000, 1234);
  assign(start_node("one"), 1);
  wait_until_stored();
  check_rows(2999);
  check_poison(1234, "violates check constraint");
}

CAF_TEST(a record that no column takes is found and passed) {
  db.run("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$"
         " BEGIN IF NEW.close = 666 THEN RAISE EXCEPTION 'out of range'"
         " USING ERRCODE = '22003'; END IF; RETURN NEW; END $$");
  db.run("CREATE TRIGGER refuse BEFORE INSERT ON market.bar"
         " FOR EACH ROW EXECUTE FUNCTION refuse()");
  produce(1000, 0); // the very first
  assign(start_node("one"), 1);
  wait_until_stored();
  check_rows(999);
  check_poison(0, "out of range");
}

CAF_TEST(a record that fails on one node and then on another is passed) {
  constexpr std::int64_t bad = 700;
  std::atomic<int> calls_of_one{0};
  std::atomic<int> calls_of_two{0};
  std::atomic<bool> taken_over{false};
  produce(1500);
  auto one = start_node("one", [&](const raw_record& x) {
    if (x.offset != bad)
      return;
    // Its third failure comes too late: another node owns the shard by then.
    if (++calls_of_one == 3)
      while (!taken_over)
        std::this_thread::sleep_for(5ms);
    throw std::runtime_error("cannot fold it");
  });
  assign(one, 1);
  wait_for("SELECT coalesce(max(failures), 0) FROM pipeline.record_failure",
           "2");
  // All before it is stored.
  wait_for("SELECT next_offset FROM pipeline.shard", std::to_string(bad));
  auto two = start_node("two", [&](const raw_record& x) {
    if (x.offset != bad)
      return;
    ++calls_of_two;
    throw std::runtime_error("cannot fold it");
  });
  assign(two, 2);
  wait_until_stored();
  CAF_CHECK_EQUAL(calls_of_two.load(), 1);
  taken_over = true;
  check_rows(1499);
  check_poison(bad, "cannot fold it");
}

CAF_TEST(a node whose writer and bridge die again and again loses nothing) {
  auto text = std::getenv("TICKERFLOW_SEED");
  auto seed = text ? std::strtoull(text, nullptr, 10)
                   : std::random_device{}() % 1'000'000;
  CAF_MESSAGE("TICKERFLOW_SEED=" << seed);
  std::mt19937_64 random{seed};
  produce(500);
  assign(start_node("one"), 1);
  // Three of each: the limit is five a minute.
  std::vector<bool> deaths{true, true, true, false, false, false};
  std::shuffle(deaths.begin(), deaths.end(), random);
  for (auto the_writer : deaths) {
    std::this_thread::sleep_for(
        std::chrono::milliseconds{random() % 300}); // anywhere in its work
    made.kill_one(the_writer);
    produce(500);
  }
  wait_until_stored();
  check_rows(3500);
  // Not lost and given anew, but the same all the time.
  CAF_CHECK_EQUAL(db.value("SELECT epoch FROM pipeline.shard"), "1");
  CAF_CHECK_EQUAL(gave_up.load(), 0);
}

CAF_TEST(an operator restarts what a supervisor has and nothing is lost) {
  produce(500);
  auto node = start_node("one");
  assign(node, 1);
  auto whom = ask<introspector_actor>(node, introspect_atom_v);
  CAF_CHECK(whom == introspects);
  std::map<std::string, std::uint64_t> last;
  constexpr int times = 6; // failures would be too many
  for (int i = 0; i < times; ++i)
    for (auto kind : {"aggregator", "kafka_bridge", "postgres_writer"}) {
      auto serial = last[kind] = wait_for_another(whom, kind, last[kind]);
      auto seen = ask<actor_detail>(whom, inspect_atom_v, serial);
      CAF_CHECK(seen.can_restart);
      CAF_CHECK_EQUAL(seen.actor.kind, kind);
      auto answer = ask<std::string>(whom, restart_atom_v, serial);
      CAF_CHECK_EQUAL(answer.rfind(kind, 0), 0u);
      produce(50);
    }
  for (auto& [kind, serial] : last) {
    auto next = wait_for_another(whom, kind, serial);
    auto seen = ask<actor_detail>(whom, inspect_atom_v, next);
    CAF_CHECK(seen.actor.restarts >= times);
    CAF_CHECK_EQUAL(seen.actor.last_death_reason, "restarted by an operator");
  }
  wait_until_stored();
  check_rows(500 + times * 3 * 50);
  CAF_CHECK_EQUAL(db.value("SELECT epoch FROM pipeline.shard"), "1");
  CAF_CHECK_EQUAL(gave_up.load(), 0);
}

CAF_TEST(a worker that gives up says why and ends by itself) {
  auto folder = std::filesystem::temp_directory_path() / topics.raw;
  std::filesystem::create_directories(folder);
  child_options options;
  options.name = "worker";
  options.command = {TICKERFLOW_PROGRAM, "worker"};
  options.environment = {
      {"TICKERFLOW_KAFKA", kafka.brokers},
      {"TICKERFLOW_KAFKA_PROPERTIES", "no.such.property=1"},
      {"TICKERFLOW_POSTGRES", db.dsn()},
      {"TICKERFLOW_TICKERS", symbol},
      {"TICKERFLOW_MASTER", "127.0.0.1:9"},
  };
  options.log_file = (folder / "log").string();
  options.directory = folder.string();
  auto worker = child_process::start(options);
  CAF_REQUIRE(worker);
  CAF_CHECK_EQUAL((*worker)->wait(), 2); // a setting
  auto log = tail_of(options.log_file, 100);
  CAF_CHECK_NOT_EQUAL(log.find("event=node_gives_up"), std::string::npos);
  CAF_CHECK_NOT_EQUAL(log.find("no.such.property"), std::string::npos);
  std::filesystem::remove_all(folder);
}

CAF_TEST(a server that hangs is given up after a time) {
  shard_store uut{db.dsn(), 300ms};
  CAF_REQUIRE(uut.claim({0, 1, 0, "one", {symbol}}));
  pqxx::connection other{db.dsn()};
  pqxx::work lock{other};
  lock.exec("LOCK TABLE pipeline.record_failure");
  auto note = uut.note_failure({0, 1, 7, 0, "text"});
  CAF_REQUIRE(!note);
  CAF_CHECK(note.error() == errc::unavailable);
  lock.abort();
  CAF_CHECK(uut.note_failure({0, 1, 7, 0, "text"}));
}

CAF_TEST_FIXTURE_SCOPE_END()
