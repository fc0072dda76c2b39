#define CAF_SUITE pipeline

// The whole pipeline as users run it: real processes of the built program, a
// real Kafka, a real PostgreSQL, the API simulator with recorded bars.

#include "test/batch_run.hpp"
#include "test/integration/test_database.hpp"

#include "io/kafka/producer.hpp"
#include "io/local_servers/child_process.hpp"
#include "io/local_servers/ports.hpp"
#include "io/simulator/gunzip.hpp"
#include "io/simulator/simulator.hpp"
#include "market/exchange_time.hpp"
#include "market/price.hpp"

#include <caf/test/unit_test.hpp>

#include <filesystem>
#include <map>
#include <sstream>
#include <thread>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

constexpr auto api_key = "PIPELINETESTKEY1";
constexpr auto zone = "America/New_York";

const std::vector<std::string> recorded{"AAPL", "AMD",  "AMZN", "BA",
                                        "GOOG", "MSFT", "NVDA", "TSLA"};

using bars_by_start = std::map<std::string, std::string>; // RFC 3339 to values

std::string values_text(std::string_view open, std::string_view high,
                        std::string_view low, std::string_view close,
                        std::string_view volume) {
  std::string result;
  for (auto x : {open, high, low, close})
    result += format_e4(*parse_e4(x)) + ' ';
  return result + format_e4(*parse_e4(volume));
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> result;
  std::istringstream in{line};
  for (std::string cell; std::getline(in, cell, ',');)
    result.push_back(cell);
  return result;
}

std::vector<std::vector<std::string>> read_csv(const std::string& path) {
  std::ifstream file{std::string{TICKERFLOW_SOURCE_DIR} + path,
                     std::ios::binary};
  std::string packed{std::istreambuf_iterator<char>{file}, {}};
  std::istringstream in{sim::gunzip(packed, path)};
  std::vector<std::vector<std::string>> result;
  std::string line;
  std::getline(in, line); // the header
  while (std::getline(in, line))
    result.push_back(cells_of(line));
  return result;
}

/// The recording itself, read here and not by the simulator: its labels are
/// ends of bars in New York time.
bars_by_start recording_of(const std::string& symbol, timestamp from,
                           timestamp until) {
  bars_by_start result;
  for (auto& row : read_csv("/data/recorded/" + symbol + ".csv.gz")) {
    auto start = *parse_wall_time(row[0], zone) - 1min;
    if (start >= from && start < until)
      result[format_rfc3339(start)] =
          values_text(row[1], row[2], row[3], row[4], row[5]);
  }
  return result;
}

struct fixture {
  test_database db;
  std::string topic;
  std::filesystem::path folder;
  std::unique_ptr<simulator> api;
  std::map<std::string, std::string> environment;
  std::map<std::string, std::unique_ptr<child_process>> nodes;

  fixture() {
    static int count = 0;
    auto name = std::to_string(::getpid()) + '_' + std::to_string(++count);
    topic = "pipeline_" + name;
    folder = std::filesystem::temp_directory_path() / ("tickerflow_" + name);
    std::filesystem::create_directories(folder);
    auto master = "127.0.0.1:" + std::to_string(free_port());
    environment = {
        {"TICKERFLOW_KAFKA", server_address("TICKERFLOW_TEST_KAFKA")},
        {"TICKERFLOW_POSTGRES", db.dsn()},
        {"TICKERFLOW_KAFKA_TOPIC_RAW", topic},
        {"TICKERFLOW_KAFKA_TOPIC_PROCESSED", topic + "_processed"},
        {"TICKERFLOW_KAFKA_TOPIC_DEAD_LETTERS", topic + "_dead"},
        {"TICKERFLOW_SHARDS", "4"},
        {"TICKERFLOW_LISTEN", master},
        {"TICKERFLOW_MASTER", master},
        {"TICKERFLOW_API_CALLS_PER_MINUTE", "0"},
        {"TICKERFLOW_API_CALLS_PER_DAY", "0"},
        {"TICKERFLOW_POLL_INTERVAL", "1s"},
        {"TICKERFLOW_INTERVAL", "1min"},
        {"API_KEY", api_key},
    };
  }

  ~fixture() {
    for (auto name : {"worker-1", "worker-2", "master"})
      stop(name);
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  void simulate(const std::string& now, bool tls = false) {
    simulator_options options;
    options.port = 0;
    options.start = now;
    options.speed = 0; // the clock stands until a test moves it
    if (tls)
      options.make_certificate = (folder / "certificates").string();
    api = std::make_unique<simulator>(options);
    api->start();
    environment["TICKERFLOW_API_URL"] = api->url();
    if (tls)
      environment["TICKERFLOW_API_CA_FILE"] = api->ca_file();
  }

  void tickers(const std::vector<std::string>& names) {
    std::string text;
    for (auto& x : names)
      text += (text.empty() ? "" : ",") + x;
    environment["TICKERFLOW_TICKERS"] = text;
  }

  void start(const std::string& name) {
    child_options options;
    options.name = name;
    options.command = {TICKERFLOW_PROGRAM,
                       name == "master" ? "master" : "worker"};
    options.environment = environment;
    options.environment["TICKERFLOW_NODE"] = name;
    options.log_file = (folder / (name + ".log")).string();
    options.directory = folder.string(); // no .env of ours in the way
    auto process = child_process::start(options);
    CAF_REQUIRE(process);
    nodes[name] = std::move(*process);
  }

  void stop(const std::string& name) {
    auto node = nodes.find(name);
    if (node == nodes.end())
      return;
    node->second->stop(15s);
    nodes.erase(node);
  }

  void kill(const std::string& name) {
    nodes[name]->stop(5s, SIGKILL);
    nodes.erase(name);
  }

  void start_all() {
    for (auto name : {"master", "worker-1", "worker-2"})
      start(name);
  }

  /// Waits for a query to give a value; this is the only clock of the tests.
  void wait_for(const std::string& sql, const std::string& wanted) {
    std::string found;
    for (int i = 0; i < 600; ++i) {
      try {
        found = db.value(sql);
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

  size_t expected_bars(timestamp from, timestamp until) {
    size_t result = 0;
    for (auto& symbol : recorded)
      result += recording_of(symbol, from, until).size();
    return result;
  }

  std::string count_bars = "SELECT count(*) FROM market.bar";

  timestamp first_bar_of(const std::string& symbol) {
    return *parse_rfc3339(
        db.value("SELECT to_char(min(start) AT TIME ZONE 'UTC',"
                 " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM market.bar"
                 " WHERE symbol = '"
                 + symbol + "'"));
  }

  /// Bar by bar: nothing missing, nothing double, the same values.
  void compare_with_recording(timestamp until) {
    size_t compared = 0;
    for (auto& symbol : recorded) {
      // A full answer holds the 30 days before it, and each ticker had its own
      // moment: from its first bar on there must be no hole.
      auto from = first_bar_of(symbol);
      CAF_CHECK(from < *parse_wall_time("2020-10-31", zone));
      auto wanted = recording_of(symbol, from, until);
      size_t wrong = 0;
      for (auto row :
           db.rows("SELECT to_char(start AT TIME ZONE 'UTC',"
                   " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), open, high, low, close,"
                   " volume FROM market.bar WHERE symbol = '"
                   + symbol + "'")) {
        auto bar = wanted.find(row[0].c_str());
        if (bar == wanted.end()
            || bar->second
                   != values_text(row[1].c_str(), row[2].c_str(),
                                  row[3].c_str(), row[4].c_str(),
                                  row[5].c_str()))
          ++wrong;
        else
          wanted.erase(bar);
        ++compared;
      }
      CAF_CHECK_EQUAL(wrong, 0u);         // no row that was not served
      if (!wanted.empty())
        CAF_MESSAGE(symbol << " lacks bars from " << wanted.begin()->first
                           << " to " << wanted.rbegin()->first);
      CAF_CHECK_EQUAL(wanted.size(), 0u); // none that is missing
    }
    CAF_MESSAGE(compared << " bars compared");
    CAF_CHECK_GREATER(compared, 0u);
  }

  /// The stored windows against those that pandas made of the same bars.
  void compare_windows(timestamp from, timestamp until) {
    std::map<std::string, std::string> stored;
    for (auto row : db.rows(
             "SELECT width || ' ' || to_char(window_start AT TIME ZONE 'UTC',"
             " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), open, high, low, close, "
             "volume,"
             " vwap, bars, (bars = expected_bars)::int,"
             " to_char(window_end AT TIME ZONE 'UTC',"
             " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM market.bar_window"
             " WHERE symbol = 'GOOG' AND session = 'regular'"))
      stored[row[0].c_str()] =
          values_text(row[1].c_str(), row[2].c_str(), row[3].c_str(),
                      row[4].c_str(), row[5].c_str())
          + ' ' + row[6].c_str() + ' ' + row[7].c_str() + ' ' + row[8].c_str()
          + ' ' + row[9].c_str();
    size_t compared = 0;
    size_t wrong = 0;
    for (auto& x :
         read_csv("/test/recorded_windows/GOOG_av_1min_2020q4.csv.gz")) {
      if (*parse_rfc3339(x[2]) < from || *parse_rfc3339(x[3]) > until)
        continue;
      ++compared;
      auto& found = stored[x[1] + ' ' + x[2]];
      auto vwap = std::atof(x[9].c_str());
      std::istringstream parts{found};
      std::string part;
      for (int i = 0; i < 6; ++i)
        parts >> part;
      // pandas rounds binary floating point: one in the last place is its own.
      auto same = std::abs(std::atof(part.c_str()) - vwap) < 1.5e-6
                  && found
                         == values_text(x[4], x[5], x[6], x[7], x[8]) + ' '
                                + part + ' ' + x[10] + ' ' + x[11] + ' ' + x[3];
      if (!same && ++wrong < 5)
        CAF_MESSAGE(x[1] << ' ' << x[2] << ": stored " << found);
    }
    CAF_MESSAGE(compared << " windows compared");
    CAF_CHECK_GREATER(compared, 0u);
    CAF_CHECK_EQUAL(wrong, 0u);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(pipeline_tests, fixture)

CAF_TEST(every bar is stored once through kills and restarts) {
  // 2020-11-30 is behind a half day and a holiday; a full answer holds the 30
  // days before it, in winter time.
  auto last = *parse_wall_time("2020-11-27 17:00", zone);
  simulate("2020-11-20 11:00");
  tickers(recorded);
  start_all();
  // The first, short answers: 100 bars of each of the 8 tickers, of which the
  // newest may still change.
  wait_for("SELECT count(*) > 700 FROM market.bar", "t");
  // A day later the short answer begins behind what is stored: the fetchers
  // ask for the whole, and in the middle of it a worker dies.
  api->set_now(*parse_wall_time("2020-11-23 16:30", zone));
  wait_for("SELECT count(*) > 5000 FROM market.bar", "t");
  kill("worker-1");
  api->set_now(*parse_wall_time("2020-11-25 15:00", zone));
  auto from = *parse_wall_time("2020-10-28 00:00", zone);
  wait_for("SELECT count(DISTINCT owner) FROM pipeline.shard", "1");
  // The master too, and all comes back.
  stop("master");
  start("worker-1");
  start("master");
  api->set_now(*parse_wall_time("2020-11-28 12:00", zone));
  wait_for("SELECT count(*) FROM market.bar WHERE start >= '"
               + format_rfc3339(from + 48h) + "'",
           std::to_string(expected_bars(from + 48h, last)));
  // Orderly stop and a start anew in the middle of nowhere: nothing changes.
  for (auto name : {"worker-1", "worker-2", "master"})
    stop(name);
  auto before = db.value(count_bars);
  start_all();
  wait_for("SELECT count(DISTINCT owner) FROM pipeline.shard", "2");
  auto calls = api->calls_of(api_key);
  while (api->calls_of(api_key) < calls + 24) // three polls of each ticker
    std::this_thread::sleep_for(100ms);
  CAF_CHECK_EQUAL(db.value(count_bars), before);
  compare_with_recording(last);
  // The first week begins before the first bar that the API still had.
  compare_windows(first_bar_of("GOOG") + 24h * 5, last);
  CAF_CHECK_EQUAL(
      db.value("SELECT count(*) FROM market.bar WHERE revision > 0"), "0");
  CAF_CHECK_EQUAL(db.value("SELECT count(*) FROM pipeline.dead_letter"), "0");
}

CAF_TEST(instants are right in July and garbage becomes dead letters) {
  // No recording covers July: a made-up market does. TLS, with the private
  // authority verified.
  simulate("2020-07-15 09:40", true);
  tickers({"IBM", "INTC"});
  environment["TICKERFLOW_EXTENDED_HOURS"] = "false";
  start_all();
  wait_for("SELECT count(DISTINCT symbol) FROM market.bar WHERE start ="
           " '2020-07-15T13:30:00Z' AND session = 'regular'",
           "2"); // 09:30 in New York's summer
  CAF_CHECK_EQUAL(
      db.value("SELECT count(*) FROM market.bar WHERE session <> 'regular'"),
      "0");
  CAF_CHECK_EQUAL(db.value("SELECT count(*) FROM market.bar_window WHERE"
                           " width = '15m' AND window_start ="
                           " '2020-07-15T13:30:00Z'"),
                  "2");
  // Rubbish of every kind, then one good bar behind it in each partition.
  kafka_options kafka;
  kafka.brokers = environment["TICKERFLOW_KAFKA"];
  auto producer = kafka_producer::make(kafka, -1);
  CAF_REQUIRE(producer);
  auto event = [](const std::string& fields) {
    return R"({"symbol":"IBM","interval":"1min",)" + fields + "}";
  };
  std::string good = R"("timestamp":"2020-07-15T14:00:00Z","open":10,)"
                     R"("high":12,"low":9,"close":11,"volume":5)";
  auto swapped = [&](const std::string& old_text, const std::string& text) {
    auto result = good;
    return event(result.replace(result.find(old_text), old_text.size(), text));
  };
  std::vector<std::string> rubbish{
      "no json",
      swapped("\"open\":10", "\"open\":\"ten\""),
      swapped("\"open\":10", "\"open\":NaN"),
      swapped("\"volume\":5", "\"volume\":-5"),
      swapped("\"high\":12", "\"high\":8"),
      R"({"symbol":"NOPE","interval":"1min",)" + good + "}",
      std::string(1'000'000, '#'),
      std::string{"{\"symbol\":\"IB\xff\xfeM\"}"},
      swapped("2020-07-15T14", "2020-07-12T14"), // a Sunday
  };
  auto batch = std::make_shared<outgoing_batch>();
  for (auto& x : rubbish)
    batch->records.push_back({topic, "IBM", x});
  batch->records.push_back({topic, "IBM", event(good)});
  bool produced = false;
  (*producer)->send(batch, [&](caf::expected<std::int64_t> done) {
    CAF_REQUIRE(done);
    produced = true;
  });
  while (!produced) {
    (*producer)->poll();
    std::this_thread::sleep_for(5ms);
  }
  wait_for("SELECT count(*) FROM market.bar WHERE symbol = 'IBM' AND start ="
           " '2020-07-15T14:00:00Z' AND close = 11",
           "1"); // nothing blocks
  CAF_CHECK_EQUAL(db.value("SELECT count(*) FROM pipeline.dead_letter"),
                  std::to_string(rubbish.size()));
  CAF_CHECK_EQUAL(
      db.value("SELECT string_agg(reason, ' ' ORDER BY record_offset) FROM"
               " pipeline.dead_letter"),
      "not_json bad_number not_json invalid_bar invalid_bar unknown_ticker"
      " too_large not_utf8 outside_session");
  CAF_CHECK_EQUAL(db.value("SELECT length(payload) FROM pipeline.dead_letter"
                           " WHERE reason = 'too_large'"),
                  "1000000");
  // No secret anywhere in the logs.
  for (auto name : {"master", "worker-1", "worker-2"}) {
    std::ifstream log{folder / (std::string{name} + ".log")};
    std::string text{std::istreambuf_iterator<char>{log}, {}};
    CAF_CHECK(!text.empty());
    CAF_CHECK_EQUAL(text.find(api_key), std::string::npos);
  }
}

CAF_TEST(windows equal a batch run after corrected late and missing bars) {
  // The worst hour of the API: errors of every kind, and a tenth of the bars
  // wrong at first, late, bad or missing. It is over when its clock stops.
  simulate("2020-11-02 09:31");
  tickers({"TSLA", "GOOG", "IBM"});
  api->set_faults({"corrected:0.1:5", "late:0.1:4", "gap:0.03", "bad:0.02",
                   "http_503:0.05", "truncated:0.05", "html:0.03", "empty:0.03",
                   "burst:0.01"});
  start_all();
  wait_for("SELECT count(*) > 100 FROM market.bar", "t");
  api->set_speed(300); // an hour in 12 s
  wait_for("SELECT count(DISTINCT symbol) FROM market.bar WHERE start >="
           " '2020-11-02T15:30:00Z'",
           "3");
  kill("worker-2"); // in the middle of it
  wait_for("SELECT count(DISTINCT symbol) FROM market.bar WHERE start >="
           " '2020-11-02T16:30:00Z'",
           "3");
  api->set_speed(0);
  api->set_faults({});
  // Without faults the last corrections come: three quiet polls of each.
  auto settled = [this] {
    return db.value("SELECT count(*) || ' ' || sum(revision) FROM market.bar");
  };
  auto before = std::string{};
  while (settled() != before) {
    before = settled();
    auto calls = api->calls_of(api_key);
    while (api->calls_of(api_key) < calls + 12)
      std::this_thread::sleep_for(50ms);
  }
  CAF_CHECK_GREATER(std::stoi(db.value("SELECT sum(revision) FROM market.bar")),
                    0); // there were corrections
  CAF_CHECK_GREATER(
      std::stoi(db.value("SELECT sum(revision) FROM market.bar_window")), 0);
  // The batch run, in SQL: each window from the bars that it covers.
  auto differing = db.value(std::string{"SELECT count(*)"} + differing_windows);
  CAF_CHECK_EQUAL(differing, "0");
  // And no bar that lacks a window.
  CAF_CHECK_EQUAL(
      db.value("SELECT sum(bars) FROM market.bar_window WHERE width = '15m'"),
      db.value("SELECT count(*) FROM market.bar"));
  // Bad bars are letters, not rows.
  CAF_CHECK_EQUAL(db.value("SELECT count(*) FROM market.bar WHERE high < low"),
                  "0");
  CAF_CHECK_GREATER(std::stoi(db.value("SELECT count(*) FROM"
                                       " pipeline.dead_letter WHERE reason ="
                                       " 'rejected'")),
                    0);
}

CAF_TEST_FIXTURE_SCOPE_END()
