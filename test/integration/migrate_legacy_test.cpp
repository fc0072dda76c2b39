#define CAF_SUITE migrate_legacy

// An earlier pipeline's table on a real server, moved into our tables, by the
// library and by the built program.

#include "test/batch_run.hpp"
#include "test/integration/test_database.hpp"

#include "io/legacy/migration.hpp"
#include "io/local_servers/child_process.hpp"
#include "io/postgres/adoption.hpp"
#include "io/postgres/migrations.hpp"
#include "io/postgres/registry.hpp"
#include "io/postgres/shard_store.hpp"
#include "market/price.hpp"
#include "market/shard.hpp"

#include <caf/test/unit_test.hpp>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

constexpr auto zone = "America/New_York";

/// Rows as SQL: each time appended twice, as two polls of the same bars do.
struct fixture {
  test_database old;
  test_database ours;
  std::filesystem::path folder;
  int appended = 0;

  fixture() {
    folder = std::filesystem::temp_directory_path()
             / ("migrate_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    old.run("CREATE TABLE stocks (date text, symbol text, open text, low text,"
            " high text, close text)");
  }

  ~fixture() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  legacy_options options() {
    legacy_options x;
    x.from = old.dsn();
    x.to = ours.dsn();
    x.topic = "stock_analysis";
    x.shards = 4;
    x.left_out_path = (folder / "left_out.csv").string();
    x.batch_bars = 700; // several transactions
    return x;
  }

  legacy_report migrated(const legacy_options& x) {
    auto report = migrate_legacy(x, nullptr);
    if (!report)
      CAF_FAIL(text_of(report.error()));
    return *report;
  }

  std::string refused(const legacy_options& x) {
    auto report = migrate_legacy(x, nullptr);
    CAF_REQUIRE(!report);
    CAF_CHECK(report.error() == errc::bad_setting);
    return text_of(report.error());
  }

  void append(const std::vector<std::string>& rows) {
    pqxx::connection c{old.dsn()};
    pqxx::work tx{c};
    pqxx::stream_to out{tx, "stocks",
                        std::vector<std::string>{"date", "symbol", "open",
                                                 "low", "high", "close"}};
    for (auto& row : rows) {
      std::istringstream in{row};
      std::array<std::string, 6> cells;
      for (auto& cell : cells)
        std::getline(in, cell, ',');
      out << cells;
      ++appended;
    }
    out.complete();
    tx.commit();
  }

  /// Regular sessions of some days from one on, in 5 minutes: a price that
  /// tells its place.
  std::vector<std::string> days(const std::string& symbol,
                                const std::string& first, int count) {
    std::vector<std::string> result;
    auto day =
        nyse().day_on(date::floor<date::days>(*parse_wall_time(first, "UTC")));
    for (int i = 0; i < count; ++i, ++day)
      for (auto t = day->open; t < day->close; t += 5min) {
        auto price = 100 + result.size() % 50;
        std::ostringstream row;
        row << format_wall_time(t, zone) << ',' << symbol << ',' << price
            << ".5," << price << ".25," << price + 1 << ".7500," << price + 1;
        result.push_back(row.str());
      }
    return result;
  }

  std::string checksum(const test_database& db, const std::string& table) {
    return db.value("SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text,"
                    " E'\\n' ORDER BY t::text)), '-') FROM "
                    + table + " AS t");
  }

  /// Everything that a second run must leave as it is.
  std::string all_of_ours() {
    std::string result;
    for (auto table : {"market.bar", "market.bar_window", "pipeline.shard",
                       "pipeline.ticker", "pipeline.dead_letter"})
      result += checksum(ours, table) + '\n';
    return result;
  }

  /// The batch run, in SQL: each window from the bars that it covers, and each
  /// bar in a window.
  void check_windows() {
    CAF_CHECK_EQUAL(
        ours.value(std::string{"SELECT count(*)"} + differing_windows), "0");
    for (auto width : {"15m", "30m", "1h", "1d"})
      CAF_CHECK_EQUAL(ours.value("SELECT sum(bars) FROM market.bar_window WHERE"
                                 " width = '"
                                 + std::string{width} + '\''),
                      ours.value("SELECT count(*) FROM market.bar"));
    CAF_CHECK_EQUAL(
        ours.value("SELECT sum(bars) FROM market.bar_window WHERE width ="
                   " '1w'"),
        ours.value("SELECT count(*) FROM market.bar WHERE session ="
                   " 'regular'"));
  }

  /// A bar of ours that is stored already, with volume, as a worker stores it.
  void store_ours(const std::vector<bar>& bars) {
    CAF_REQUIRE(migrate(ours.dsn()));
    CAF_REQUIRE(prepare_pipeline(
        ours.dsn(), {"stock_analysis", "cluster", 4, false}, {{"ACME", 300}}));
    shard_store store{ours.dsn()};
    auto shard = shard_of("ACME", 4);
    CAF_REQUIRE(store.claim({shard, 7, 0, "worker", {"ACME"}}));
    ticker_book book{"ACME", 5min, nyse()};
    for (auto& x : bars)
      book.admit(x);
    shard_write write;
    write.shard = shard;
    write.epoch = 7;
    write.next_offset = 42;
    book.take_changes(write.changes);
    CAF_REQUIRE(store.write(write));
  }

  bar bar_at(const std::string& time, std::int64_t price) {
    bar x;
    x.symbol = "ACME";
    x.interval = 5min;
    x.start = *parse_wall_time(time, zone);
    x.open_e4 = x.high_e4 = x.low_e4 = x.close_e4 = price * price_scale;
    x.volume_shares = 1000;
    return x;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(migrate_legacy_tests, fixture)

CAF_TEST(doubled rows become bars with right instants and all windows) {
  // Two weeks, the clocks change between them.
  auto rows = days("ACME", "2020-10-26", 10);
  append(rows);
  append(rows);
  auto other = days("OTHR", "2020-10-26", 10);
  append(other);
  auto before = checksum(old, "stocks");
  auto report = migrated(options());
  auto total = report.total();
  CAF_CHECK(report.detected);
  CAF_CHECK_EQUAL(total.rows, appended);
  CAF_CHECK_EQUAL(total.stored, static_cast<std::int64_t>(2 * rows.size()));
  CAF_CHECK_EQUAL(total.doubled, static_cast<std::int64_t>(rows.size()));
  CAF_CHECK_EQUAL(total.left_out_rows(), 0);
  CAF_CHECK_EQUAL(report.left_out_path, "");
  CAF_CHECK_EQUAL(ours.value("SELECT count(*) FROM market.bar"),
                  std::to_string(2 * rows.size()));
  // 09:30 in New York before and after the clocks went back.
  for (auto start : {"2020-10-30T13:30:00Z", "2020-11-02T14:30:00Z"})
    CAF_CHECK_EQUAL(
        ours.value("SELECT count(*) FROM market.bar WHERE session = 'regular'"
                   " AND volume IS NULL AND revision = 0 AND interval_s = 300"
                   " AND start = '"
                   + std::string{start} + '\''),
        "2");
  CAF_CHECK_EQUAL(ours.value("SELECT count(*) FROM market.bar_window WHERE"
                             " width = '1d' AND final AND bars = 78"),
                  "20");
  CAF_CHECK_EQUAL(ours.value("SELECT count(*) FROM market.bar_window WHERE"
                             " width = '1w' AND bars = 390 AND revision = 0"
                             " AND vwap IS NULL AND volume = 0"),
                  "4");
  check_windows();
  CAF_CHECK_EQUAL(ours.value("SELECT string_agg(symbol || interval_s ||"
                             " active::text, ' ' ORDER BY symbol) FROM"
                             " pipeline.ticker"),
                  "ACME300false OTHR300false");
  // Offsets stay where they were, and nobody owns a shard.
  CAF_CHECK_EQUAL(ours.value("SELECT sum(next_offset) || ' ' ||"
                             " string_agg(owner, '') FROM pipeline.shard"),
                  "0 ");
  CAF_CHECK_EQUAL(checksum(old, "stocks"), before);
}

CAF_TEST(a second run changes nothing) {
  append(days("ACME", "2020-10-26", 10));
  migrated(options());
  auto before = all_of_ours();
  auto again = migrated(options()).total();
  CAF_CHECK_EQUAL(again.stored, 0);
  CAF_CHECK_EQUAL(again.known, 780);
  CAF_CHECK_EQUAL(all_of_ours(), before);
}

CAF_TEST(a run that was stopped is continued) {
  append(days("ACME", "2020-10-26", 10));
  append(days("OTHR", "2020-10-26", 10));
  int calls = 0;
  auto first = migrate_legacy(options(), [&](const legacy_progress& x) {
    calls += x.of_rows > 0; // the rows themselves, not the look at the times
    return calls < 1000;
  });
  CAF_REQUIRE(first);
  CAF_CHECK(first->stopped);
  auto part = first->total().stored;
  CAF_CHECK_GREATER(part, 0);
  CAF_CHECK_LESS(part, 1560);
  CAF_CHECK_EQUAL(ours.value("SELECT count(*) FROM market.bar"),
                  std::to_string(part));
  check_windows();
  auto second = migrated(options()).total();
  CAF_CHECK_EQUAL(second.known, part);
  CAF_CHECK_EQUAL(second.stored, 1560 - part);
  check_windows();
}

CAF_TEST(a dry run says the same and changes nothing) {
  append(days("ACME", "2020-10-26", 10));
  auto x = options();
  x.dry_run = true;
  auto dry = migrated(x).total(); // no tables are there yet
  CAF_CHECK_EQUAL(dry.stored, 780);
  CAF_CHECK_EQUAL(ours.value("SELECT to_regclass('market.bar') IS NULL"), "t");
  migrated(options());
  CAF_CHECK_EQUAL(migrated(x).total().known, 780);
}

CAF_TEST(the source is read in a transaction that cannot write) {
  append(days("ACME", "2020-10-26", 10));
  // A trap: whoever reads this view writes, unless the server refuses it.
  old.run("CREATE TABLE touched (at timestamptz);"
          "CREATE FUNCTION touch() RETURNS boolean LANGUAGE plpgsql VOLATILE AS"
          " 'BEGIN INSERT INTO touched VALUES (now()); RETURN true; END';"
          "CREATE VIEW trap AS SELECT * FROM stocks WHERE touch()");
  CAF_CHECK_EQUAL(old.value("SELECT count(*) FROM trap"), "780"); // rolled back
  auto x = options();
  x.wanted.table = "trap";
  auto report = migrate_legacy(x, nullptr);
  CAF_REQUIRE(!report);
  CAF_CHECK_NOT_EQUAL(text_of(report.error()).find("read-only"),
                      std::string::npos);
  CAF_CHECK_EQUAL(old.value("SELECT count(*) FROM touched"), "0");
}

CAF_TEST(of differing rows the last wins and bad rows are listed) {
  append(days("ACME", "2020-10-26", 10));
  append({"2020-10-26 09:30:00,ACME,7.5,7,9,8",     // corrected later
          "2020-10-26 09:30:00,ACME,7.5,7,9,8.25",  // and again
          "2020-10-26T09:30:00,ACME,7.50,7,9,8.25", // the same, other texts
          "yesterday,ACME,1,1,1,1", "2020-10-26 09:35:00,ACME,x,1,1,1",
          "2020-10-26 09:40:00,ACME,5,6,4,5",
          "2020-10-31 10:00:00,ACME,1,1,1,1",
          "2020-10-26 09:41:00,ACME,1,1,1,1",
          "2020-10-26 09:45:00,A'C;ME,1,1,1,1"});
  auto report = migrated(options());
  auto total = report.total();
  CAF_CHECK_EQUAL(total.rows, appended);
  CAF_CHECK_EQUAL(total.stored, 780);
  CAF_CHECK_EQUAL(total.doubled, 1);
  CAF_CHECK_EQUAL(total.stored + total.doubled + total.left_out_rows(),
                  appended);
  CAF_CHECK_EQUAL(ours.value("SELECT close FROM market.bar WHERE start ="
                             " '2020-10-26T13:30:00Z'"),
                  "8.2500");
  check_windows();
  std::ifstream file{report.left_out_path};
  std::map<std::string, int> reasons;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line))
    ++reasons[line.substr(0, line.find(','))];
  std::map<std::string, int> wanted{
      {"superseded", 2},      {"bad_time", 1},   {"bad_number", 1},
      {"invalid_bar", 1},     {"misaligned", 1}, {"bad_symbol", 1},
      {"outside_session", 1},
  };
  CAF_CHECK(reasons == wanted);
}

CAF_TEST(bars that we have stay as they are) {
  store_ours({bar_at("2020-11-02 09:30", 77), bar_at("2020-11-02 09:35", 78),
              bar_at("2020-11-09 09:30", 79)});
  auto bars = "market.bar WHERE volume = 1000";
  auto before = ours.value("SELECT md5(string_agg(t::text, ',' ORDER BY start))"
                           " FROM (SELECT * FROM "
                           + std::string{bars} + ") t");
  auto rows = days("ACME", "2020-10-26", 10);
  rows.push_back("2020-11-09 09:30:00,ACME,79,79,79,79"); // the same as ours
  append(rows);
  auto total = migrated(options()).total();
  CAF_CHECK_EQUAL(
      total.left_out[static_cast<size_t>(left_out_reason::ours_kept)], 2);
  CAF_CHECK_EQUAL(total.known, 1);
  CAF_CHECK_EQUAL(total.stored, 778);
  CAF_CHECK_EQUAL(ours.value("SELECT md5(string_agg(t::text, ',' ORDER BY"
                             " start)) FROM (SELECT * FROM "
                             + std::string{bars} + ") t"),
                  before);
  check_windows();
  // A window that was final and has more bars now says so.
  CAF_CHECK_EQUAL(ours.value("SELECT bars || ' ' || (revision > 0) FROM"
                             " market.bar_window WHERE width = '1d' AND"
                             " window_start = '2020-11-02T14:30:00Z'"),
                  "78 true");
  // The place in Kafka is what it was; the old owner is fenced.
  auto shard = std::to_string(shard_of("ACME", 4));
  CAF_CHECK_EQUAL(ours.value("SELECT next_offset || ' ' || (epoch > 7) FROM"
                             " pipeline.shard WHERE shard = "
                             + shard),
                  "42 true");
}

CAF_TEST(a node that starts meanwhile fences the migration) {
  append(days("ACME", "2020-10-26", 10));
  append(days("OTHR", "2020-10-26", 10));
  auto x = options();
  x.batch_bars = 200;
  auto claimed = false;
  auto report = migrate_legacy(x, [&](const legacy_progress& step) {
    if (step.stored >= 400 && !claimed) {
      claimed = true;
      shard_store worker{ours.dsn()};
      auto shard = shard_of(step.symbol, 4);
      CAF_REQUIRE(worker.claim({shard, 50, 0, "worker", {step.symbol}}));
    }
    return true;
  });
  CAF_CHECK(claimed);
  CAF_REQUIRE(!report);
  CAF_CHECK(report.error() == errc::fenced);
  CAF_CHECK_NOT_EQUAL(text_of(report.error()).find("run this again"),
                      std::string::npos);
  CAF_CHECK_EQUAL(
      ours.value("SELECT max(owner) FROM pipeline.shard WHERE epoch = 50"),
      "worker");
  check_windows();
  migrated(x);
  CAF_CHECK_EQUAL(ours.value("SELECT count(*) FROM market.bar"), "1560");
  check_windows();
}

CAF_TEST(it refuses beside running nodes and a second migration) {
  append(days("ACME", "2020-10-26", 10));
  CAF_REQUIRE(migrate(ours.dsn()));
  pqxx::connection node{ours.dsn() + "?application_name=tickerflow"};
  auto text = refused(options());
  CAF_CHECK_NOT_EQUAL(text.find("stop master and workers"), std::string::npos);
  node.disconnect();
  adoption other{ours.dsn()};
  CAF_REQUIRE(!other.hold(4));
  CAF_CHECK_NOT_EQUAL(refused(options()).find("migrate-legacy"),
                      std::string::npos);
}

CAF_TEST(what is not certain is refused before anything is written) {
  auto x = options();
  CAF_CHECK_NOT_EQUAL(refused(x).find("no row"), std::string::npos);
  // Two hours a day: many readings fit.
  std::vector<std::string> noon;
  for (auto& row : days("ACME", "2020-10-26", 10))
    if (auto hour = row.substr(11, 2); hour == "11" || hour == "12")
      noon.push_back(row);
  append(noon);
  CAF_CHECK_NOT_EQUAL(refused(x).find("--zone"), std::string::npos);
  CAF_CHECK_EQUAL(ours.value("SELECT to_regclass('market.bar') IS NULL"), "t");
  x.reading = time_reading{};
  x.label_told = true;
  CAF_CHECK_EQUAL(migrated(x).total().stored,
                  static_cast<std::int64_t>(noon.size()));
  // Another length than what is stored, and a table that is none of theirs.
  old.run("UPDATE stocks SET symbol = 'OTHR'");
  ours.run("INSERT INTO pipeline.ticker (symbol, interval_s) VALUES ('OTHR',"
           " 60)");
  CAF_CHECK_NOT_EQUAL(refused(x).find("stored in bars of 1min"),
                      std::string::npos);
  old.run("CREATE TABLE other (date text, price text)");
  x.wanted.table = "other";
  CAF_CHECK_NOT_EQUAL(refused(x).find("symbol, open"), std::string::npos);
  x.wanted.table = "nowhere";
  CAF_CHECK_NOT_EQUAL(refused(x).find("--table"), std::string::npos);
}

CAF_TEST(the table may be in our own database and its times shifted) {
  // As the message of a first start says: renamed, then taken over.
  auto rows = days("ACME", "2020-10-26", 10);
  for (auto& row : rows) {
    // New York's time taken for UTC and shown in New York again.
    auto t = *parse_wall_time(row.substr(0, 19), "UTC");
    row.replace(0, 19, format_wall_time(t, zone));
  }
  append(rows);
  old.run("ALTER TABLE stocks RENAME TO stocks_legacy");
  auto x = options();
  x.to = x.from;
  auto report = migrated(x);
  CAF_CHECK_EQUAL(report.table, "stocks_legacy");
  CAF_CHECK_EQUAL(report.reading.taken_for, "UTC");
  CAF_CHECK_EQUAL(report.total().stored, 780);
  CAF_CHECK_EQUAL(old.value("SELECT count(*) FROM market.bar_window WHERE width"
                            " = '1d' AND session = 'regular' AND bars = 78"),
                  "10");
  CAF_CHECK_EQUAL(migrated(x).total().known, 780); // our view is not mistaken
}

CAF_TEST(the program migrates by its command line and tells as JSON) {
  auto rows = days("ACME", "2020-10-26", 10);
  append(rows);
  append(rows);
  auto without_password = [](std::string dsn, std::string& password) {
    auto end = dsn.find('@');
    auto colon = dsn.rfind(':', end);
    password = dsn.substr(colon + 1, end - colon - 1);
    return dsn.erase(colon, end - colon);
  };
  std::string password;
  auto from = without_password(old.dsn(), password);
  auto run = [&](std::vector<std::string> more, int expected) {
    child_options child;
    child.name = "migrate";
    child.command = {TICKERFLOW_PROGRAM, "migrate-legacy", "--from", from};
    child.command.insert(child.command.end(), more.begin(), more.end());
    child.environment = {{"TICKERFLOW_POSTGRES", ours.dsn()},
                         {"PGPASSWORD", password},
                         {"TICKERFLOW_SHARDS", "4"}};
    child.log_file = (folder / "out").string();
    child.directory = folder.string();
    std::filesystem::remove(child.log_file);
    auto process = child_process::start(child);
    CAF_REQUIRE(process);
    CAF_CHECK_EQUAL((*process)->wait(), expected);
    std::ifstream file{child.log_file};
    return std::string{std::istreambuf_iterator<char>{file}, {}};
  };
  auto data_dir = folder.string();
  auto json = nlohmann::json::parse(run({"--json", "--data-dir", data_dir}, 0));
  CAF_CHECK_EQUAL(json["total"]["stored"], 780);
  CAF_CHECK_EQUAL(json["total"]["doubled"], 780);
  CAF_CHECK_EQUAL(json["complete"], true);
  auto text = run({"--data-dir", data_dir, "--shift", "-5h", "--dry-run"}, 0);
  CAF_CHECK_NOT_EQUAL(text.find("--shift -5h (as told)"), std::string::npos);
  CAF_CHECK_EQUAL(text.find(password), std::string::npos);
  CAF_CHECK_NOT_EQUAL(run({"--zone", "Mars/Olympus"}, 2).find("tz database"),
                      std::string::npos);
  CAF_CHECK_NOT_EQUAL(run({"--shift", "5"}, 2).find("+5h"), std::string::npos);
  from = old.dsn();
  CAF_CHECK_NOT_EQUAL(run({}, 2).find("PGPASSWORD"), std::string::npos);
}

CAF_TEST_FIXTURE_SCOPE_END()
