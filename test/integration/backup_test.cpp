#define CAF_SUITE backup

// Backup and restore as docs/operations.md tells it, with the real tools: a
// dump is taken while bars flow, the database is dropped, restored, and what
// Kafka has since is read again. Afterwards the tables have to be those of a
// ledger of all that was produced.

#include "test/batch_run.hpp"
#include "test/integration/test_database.hpp"

#include "io/event/event.hpp"
#include "io/kafka/producer.hpp"
#include "io/local_servers/child_process.hpp"
#include "io/local_servers/ports.hpp"
#include "market/calendar.hpp"
#include "market/price.hpp"

#include <caf/test/unit_test.hpp>

#include <filesystem>
#include <map>
#include <random>
#include <thread>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

const std::vector<std::string> tickers{"AAPL", "BA",   "GOOG",
                                       "IBM",  "MSFT", "TSLA"};

constexpr auto stored_offsets = "SELECT sum(next_offset) FROM pipeline.shard";

/// The values that a bar must have in the end, by symbol and start.
using ledger = std::map<std::pair<std::string, timestamp>, bar>;

struct fixture {
  test_database db;
  std::string base; // of the topics' names
  std::filesystem::path folder;
  std::map<std::string, std::string> environment;
  std::map<std::string, std::unique_ptr<child_process>> nodes;
  std::unique_ptr<kafka_producer> producer;
  std::mt19937_64 random;
  ledger produced;
  std::int64_t records = 0;

  fixture() {
    static int count = 0;
    auto name = std::to_string(::getpid()) + '_' + std::to_string(++count);
    base = "backup_" + name;
    folder = std::filesystem::temp_directory_path() / ("tickerflow_" + base);
    std::filesystem::create_directories(folder);
    auto master = "127.0.0.1:" + std::to_string(free_port());
    environment = {
        {"TICKERFLOW_KAFKA", server_address("TICKERFLOW_TEST_KAFKA")},
        {"TICKERFLOW_SHARDS", "4"},
        {"TICKERFLOW_LISTEN", master},
        {"TICKERFLOW_MASTER", master},
        {"TICKERFLOW_INTERVAL", "1min"},
        // Nobody answers there: the test brings its own bars.
        {"TICKERFLOW_API_URL", "http://127.0.0.1:9"},
        {"API_KEY", "BACKUPTESTKEY001"},
    };
    std::string names;
    for (auto& x : tickers)
      names += (names.empty() ? "" : ",") + x;
    environment["TICKERFLOW_TICKERS"] = names;
    use(db.dsn(), base);
    auto text = std::getenv("BACKUP_SEED");
    auto seed = text ? std::strtoull(text, nullptr, 10)
                     : std::random_device{}() % 1'000'000;
    CAF_MESSAGE("seed " << seed << " (BACKUP_SEED gives it back)");
    random.seed(seed);
    kafka_options kafka;
    kafka.brokers = environment["TICKERFLOW_KAFKA"];
    auto made = kafka_producer::make(kafka, -1);
    CAF_REQUIRE(made);
    producer = std::move(*made);
  }

  ~fixture() {
    stop_all();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  void use(const std::string& dsn, const std::string& topic) {
    environment["TICKERFLOW_POSTGRES"] = dsn;
    environment["TICKERFLOW_KAFKA_TOPIC_RAW"] = topic;
    environment["TICKERFLOW_KAFKA_TOPIC_PROCESSED"] = topic + "_processed";
    environment["TICKERFLOW_KAFKA_TOPIC_DEAD_LETTERS"] = topic + "_dead";
  }

  void start(const std::string& name, std::vector<std::string> arguments) {
    child_options options;
    options.name = name;
    options.command = {TICKERFLOW_PROGRAM};
    options.command.insert(options.command.end(), arguments.begin(),
                           arguments.end());
    options.environment = environment;
    options.environment["TICKERFLOW_NODE"] = name;
    options.log_file = (folder / (name + ".log")).string();
    options.directory = folder.string();
    auto process = child_process::start(options);
    CAF_REQUIRE(process);
    nodes[name] = std::move(*process);
  }

  void start_all(int workers) {
    start("master", {"master"});
    for (int i = 1; i <= workers; ++i)
      start("worker-" + std::to_string(i), {"worker"});
  }

  /// Workers first: they hand their shards back.
  void stop_all(int signal = SIGTERM) {
    for (auto& [name, node] : nodes)
      if (name != "master")
        node->stop(15s, signal);
    for (auto& [name, node] : nodes)
      node->stop(15s, signal);
    nodes.clear();
  }

  /// Produces the bars of one trading day of every ticker, in order; each
  /// twentieth again with other values, each thirtieth again as it is, and a
  /// record that is no bar now and then.
  void produce_day(const trading_day& day) {
    auto batch = std::make_shared<outgoing_batch>();
    auto topic = environment["TICKERFLOW_KAFKA_TOPIC_RAW"];
    auto send = [&](const bar& x, std::int32_t revision) {
      batch->records.push_back(
          {topic, x.symbol,
           encode_event(x, session::regular, "test", x.end(), revision)});
      produced[{x.symbol, x.start}] = x;
    };
    for (auto t = day.open; t < day.close; t += 1min)
      for (auto& symbol : tickers) {
        bar x;
        x.symbol = symbol;
        x.start = t;
        auto price = [&] {
          return static_cast<std::int64_t>(random() % 1'000'000 + 1'000'000);
        };
        x.open_e4 = price();
        x.close_e4 = price();
        x.high_e4 = std::max(x.open_e4, x.close_e4) + 50;
        x.low_e4 = std::min(x.open_e4, x.close_e4) - 50;
        x.volume_shares = static_cast<std::int64_t>(random() % 10'000);
        send(x, 0);
        if (random() % 20 == 0) {
          x.high_e4 += 1234;
          ++x.volume_shares;
          send(x, 1);
        }
        if (random() % 30 == 0)
          send(x, 1);
        if (random() % 500 == 0)
          batch->records.push_back({topic, symbol, "no bar"});
      }
    records += static_cast<std::int64_t>(batch->records.size());
    auto done = false;
    producer->send(batch, [&](caf::expected<std::int64_t> confirmed) {
      CAF_REQUIRE(confirmed);
      done = true;
    });
    while (!done) {
      producer->poll();
      std::this_thread::sleep_for(2ms);
    }
  }

  void wait_for(const test_database& in, const std::string& sql,
                const std::string& wanted) {
    std::string found;
    for (int i = 0; i < 600; ++i) {
      try {
        found = in.value(sql);
      } catch (const std::exception& e) {
        found = e.what(); // the tables are not there yet
      }
      if (found == wanted)
        return;
      std::this_thread::sleep_for(100ms);
    }
    for (auto& [name, node] : nodes)
      CAF_MESSAGE(name << ": "
                       << tail_of((folder / (name + ".log")).string(), 8));
    CAF_FAIL(sql << ": wanted " << wanted << ", found " << found);
  }

  void wait_until_stored(const test_database& in) {
    wait_for(in, stored_offsets, std::to_string(records));
  }

  /// A program of PostgreSQL's client, as the documentation calls it.
  std::unique_ptr<child_process> begin(const std::string& tool,
                                       std::vector<std::string> arguments) {
    child_options options;
    options.name = tool;
    options.command = {tool};
    options.command.insert(options.command.end(), arguments.begin(),
                           arguments.end());
    options.log_file = (folder / (tool + ".log")).string();
    options.directory = folder.string();
    auto process = child_process::start(options);
    CAF_REQUIRE(process);
    return std::move(*process);
  }

  void finish(child_process& tool) {
    if (tool.wait() != 0)
      CAF_FAIL(tail_of(tool.log_file(), 10));
  }

  void run(const std::string& tool, std::vector<std::string> arguments) {
    finish(*begin(tool, std::move(arguments)));
  }

  std::string dump_file() const { return (folder / "dump").string(); }

  /// The tables against the ledger: each bar once with its last values, the
  /// windows as a batch run makes them of the bars, each letter once.
  void compare(const test_database& in) {
    size_t differing = 0;
    auto rows =
        in.rows("SELECT symbol, extract(epoch FROM start)::bigint, open,"
                " high, low, close, volume FROM market.bar");
    CAF_CHECK_EQUAL(rows.size(), produced.size());
    for (auto row : rows) {
      auto found = produced.find(
          {row[0].c_str(),
           timestamp{std::chrono::seconds{row[1].as<std::int64_t>()}}});
      auto same = found != produced.end()
                  && parse_e4(row[2].c_str()) == found->second.open_e4
                  && parse_e4(row[3].c_str()) == found->second.high_e4
                  && parse_e4(row[4].c_str()) == found->second.low_e4
                  && parse_e4(row[5].c_str()) == found->second.close_e4
                  && row[6].as<std::int64_t>() == found->second.volume_shares;
      differing += !same;
    }
    CAF_CHECK_EQUAL(differing, 0u);
    CAF_CHECK_EQUAL(
        in.value(std::string{"SELECT count(*)"} + differing_windows), "0");
    for (auto width : {"15m", "30m", "1h", "1d", "1w"})
      CAF_CHECK_EQUAL(in.value("SELECT sum(bars) FROM market.bar_window WHERE"
                               " width = '"
                               + std::string{width} + '\''),
                      std::to_string(produced.size()));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(backup_tests, fixture)

CAF_TEST(a dump under load is restored and goes on from its offsets) {
  auto day = nyse().day_on(date::year{2020} / 10 / 29);
  start_all(2);
  produce_day(*day++); // until here the dump has all
  wait_until_stored(db);
  auto before = records;
  // The dump is taken while bars are written: from a first commit on.
  produce_day(*day++);
  while (std::stoll(db.value(stored_offsets)) == before)
    std::this_thread::sleep_for(2ms);
  auto dumping = begin("pg_dump", {"-Fc", "-f", dump_file(), "-d", db.dsn()});
  for (int i = 0; i < 4; ++i)
    produce_day(*day++);
  finish(*dumping);
  produce_day(*day++); // this is in Kafka only
  wait_until_stored(db);
  compare(db);
  auto letters = db.value("SELECT count(*) FROM pipeline.dead_letter");
  // All nodes die, and the database is lost.
  stop_all(SIGKILL);
  {
    pqxx::connection server{server_address("TICKERFLOW_TEST_POSTGRES")};
    pqxx::nontransaction tx{server};
    auto name = db.dsn().substr(db.dsn().rfind('/') + 1);
    tx.exec("DROP DATABASE " + name + " WITH (FORCE)");
    tx.exec("CREATE DATABASE " + name);
  }
  run("pg_restore", {"--no-owner", "-d", db.dsn(), dump_file()});
  auto restored = std::stoll(db.value(stored_offsets));
  CAF_MESSAGE("dump: " << restored << " of " << records << " records");
  CAF_CHECK_GREATER(restored, before);
  CAF_CHECK_LESS(restored, records); // there is something to read again
  // The dump itself is a consistent point: no window without its bars.
  CAF_CHECK_EQUAL(
      db.value("SELECT sum(bars) FROM market.bar_window WHERE width = '15m'"),
      db.value("SELECT count(*) FROM market.bar"));
  // As for a node that may still run: it must stay fenced.
  db.run("UPDATE pipeline.shard SET epoch = epoch + 1000000;"
         "SELECT setval('pipeline.term', nextval('pipeline.term') + 1000000)");
  start_all(2);
  wait_until_stored(db);
  compare(db);
  CAF_CHECK_EQUAL(db.value("SELECT count(*) FROM pipeline.dead_letter"),
                  letters);
  produce_day(*day); // and it lives
  wait_until_stored(db);
  compare(db);
}

CAF_TEST(one machine becomes many with another database and another Kafka) {
  auto day = nyse().day_on(date::year{2020} / 10 / 29);
  start("single", {"master", "--with-worker"});
  for (int i = 0; i < 3; ++i)
    produce_day(*day++);
  wait_until_stored(db);
  // Orderly, so that nothing is left in the old Kafka.
  stop_all();
  run("pg_dump", {"-Fc", "-f", dump_file(), "-d", db.dsn()});
  test_database moved;
  run("pg_restore", {"--no-owner", "-d", moved.dsn(), dump_file()});
  // The new Kafka is another cluster: here its id, and an empty topic.
  moved.run("UPDATE pipeline.source SET cluster_id = 'the-old-cluster', topic ="
            " '"
            + base + "_moved'");
  use(moved.dsn(), base + "_moved");
  records = 0;
  // Without being told, the master refuses the offsets of another cluster.
  start("refused", {"master"});
  CAF_CHECK_EQUAL(nodes["refused"]->wait(), 2);
  CAF_CHECK_NOT_EQUAL(tail_of((folder / "refused.log").string(), 5)
                          .find("TICKERFLOW_RESET_OFFSETS"),
                      std::string::npos);
  nodes.clear();
  environment["TICKERFLOW_RESET_OFFSETS"] = "true"; // once
  start("master", {"master"});
  environment.erase("TICKERFLOW_RESET_OFFSETS");
  for (int i = 1; i <= 4; ++i)
    start("worker-" + std::to_string(i), {"worker"});
  produce_day(*day++);
  wait_until_stored(moved);
  compare(moved);
  wait_for(moved, "SELECT count(DISTINCT owner) FROM pipeline.shard", "4");
  // What the fetchers ask for again after the move: bars that are stored.
  auto bars =
      moved.value("SELECT md5(string_agg(t::text, ',' ORDER BY t::text))"
                  " FROM market.bar t");
  auto batch = std::make_shared<outgoing_batch>();
  for (auto& [key, x] : produced)
    batch->records.push_back(
        {base + "_moved", x.symbol,
         encode_event(x, session::regular, "test", x.end(), 0)});
  records += static_cast<std::int64_t>(batch->records.size());
  producer->send(batch,
                 [](const caf::expected<std::int64_t>& x) { CAF_REQUIRE(x); });
  while (moved.value(stored_offsets) != std::to_string(records)) {
    producer->poll();
    std::this_thread::sleep_for(20ms);
  }
  CAF_CHECK_EQUAL(moved.value("SELECT md5(string_agg(t::text, ',' ORDER BY"
                              " t::text)) FROM market.bar t"),
                  bars);
  compare(moved);
}

CAF_TEST_FIXTURE_SCOPE_END()
