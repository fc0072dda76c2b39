#define CAF_SUITE cli

// The command line against a real cluster: what people and programs get.

#include "test/integration/console_fixture.hpp"

#include "io/archive/tar_gz.hpp"

#include <cstdio>
#include <regex>

using namespace tickerflow;

namespace {

struct outcome {
  int exit_code = -1;
  std::string out;
  std::string err;
};

struct fixture : console_fixture {
  fixture() {
    wait_until_it_runs();
    caller = environment;
    caller["TICKERFLOW_CONSOLE_URL"] =
        "http://127.0.0.1:" + std::to_string(consoles["master"]);
    caller.erase("TICKERFLOW_CONSOLE_VIEWER_TOKEN_FILE");
  }

  /// Runs a verb as a user would, without a terminal.
  outcome run(const std::string& words) {
    std::string command = "cd " + folder.string() + " && env -i PATH=/usr/bin";
    for (auto& [name, value] : caller)
      command += " '" + name + '=' + value + '\'';
    command += std::string{" "} + TICKERFLOW_PROGRAM + ' ' + words + " 2>"
               + (folder / "err").string();
    outcome result;
    auto pipe = ::popen(command.c_str(), "r");
    char buffer[4096];
    for (size_t got = 0;
         (got = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;)
      result.out.append(buffer, got);
    result.exit_code = WEXITSTATUS(::pclose(pipe));
    std::ifstream err{folder / "err"};
    result.err.assign(std::istreambuf_iterator<char>{err}, {});
    CAF_MESSAGE("tickerflow " << words << " -> " << result.exit_code << ' '
                              << result.err);
    return result;
  }

  json run_json(const std::string& words) {
    auto x = run(words + " --json");
    CAF_CHECK_EQUAL(x.exit_code, 0);
    auto result = json::parse(x.out, nullptr, false);
    if (result.is_discarded())
      CAF_FAIL(words << " --json printed no JSON: " << x.out << x.err);
    return result;
  }

  /// Checks the table of a verb for what has to be in it.
  void check_table(const std::string& words, const std::string& pattern) {
    auto x = run(words);
    CAF_CHECK_EQUAL(x.exit_code, 0);
    CAF_CHECK_EQUAL(x.out.find('\x1b'), std::string::npos);
    if (!std::regex_search(x.out, std::regex{pattern}))
      CAF_ERROR(words << " does not show " << pattern << ":\n" << x.out);
  }

  std::string actor_of_kind(const std::string& kind) {
    auto items = run_json("actors --kind " + kind)["items"];
    CAF_REQUIRE(!items.empty());
    return items[0]["node"].get<std::string>() + '/'
           + std::to_string(items[0]["serial"].get<int>());
  }

  /// The console looks at the cluster once a second.
  bool comes_to_be_paused(const std::string& symbol, bool wanted) {
    for (int i = 0; i < 150; ++i) {
      if (run_json("tickers show " + symbol)["paused"] == wanted)
        return true;
      std::this_thread::sleep_for(std::chrono::milliseconds{200});
    }
    return false;
  }

  std::map<std::string, std::string> caller;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(cli_tests, fixture)

CAF_TEST(every verb that looks prints a table and JSON) {
  CAF_CHECK(run_json("top")["shards"]["running"] == 4);
  check_table("top", "Tickerflow .*\n(.*\n)*.*MAILBOX");
  check_table("top --view tickers", "TSLA");
  CAF_CHECK_GREATER(run_json("actors")["items"].size(), 4u);
  CAF_CHECK_GREATER(run_json("actors ls --node w1")["items"].size(), 2u);
  check_table("actors --sort handled --limit 3", "w1/|master/");
  auto actor = actor_of_kind("aggregator");
  CAF_CHECK(run_json("actors show " + actor)["actor"]["kind"] == "aggregator");
  check_table("actors show " + actor, "mailbox +[0-9]+ now");
  CAF_CHECK_EQUAL(run("actors tail --for 0.1 " + actor).exit_code, 0);
  CAF_CHECK(run_json("tickers")["total"] == 2);
  check_table("tickers", "TSLA +2020-11-20 .*\n(.*\n)*2 tickers");
  CAF_CHECK(run_json("tickers show TSLA")["symbol"] == "TSLA");
  check_table("tickers show TSLA", "close +[0-9.]+");
  CAF_CHECK_EQUAL(run_json("shards")["items"].size(), 4u);
  check_table("shards", "0  w1 ");
  CAF_CHECK_GREATER(run_json("nodes")["items"].size(), 1u);
  check_table("nodes", "w1 +worker +alive");
  CAF_CHECK(run_json("alerts")["items"].is_array());
  CAF_CHECK(run_json("budget").contains("used_today"));
  check_table("budget", "used today +[0-9]+");
  CAF_CHECK(!run_json("trace TSLA")["steps"].empty());
  check_table("trace TSLA --utc", "bar_end +2020-11-20");
  CAF_CHECK(run_json("gaps")["items"].is_array());
  CAF_CHECK(run_json("gaps TSLA --from 2020-11-19")["items"].is_array());
  CAF_CHECK(run_json("dlq")["items"].is_array());
  CAF_CHECK(!run_json("logs --limit 5")["items"].empty());
  check_table("logs --limit 5", "event=");
  CAF_CHECK_EQUAL(run("logs --follow --for 0.1").exit_code, 0);
  CAF_CHECK(run_json("audit")["items"].is_array());
  CAF_CHECK_EQUAL(run("completion --words tickers").out, "AAPL\nTSLA\n");
  CAF_CHECK(contains(run("completion --words nodes").out, "w1\n"));
}

CAF_TEST(the pages of a list are put together) {
  auto all = run_json("actors --limit 10000");
  CAF_CHECK_EQUAL(all["items"].size(), all["total"].get<std::size_t>());
  auto two = run_json("actors --limit 2");
  CAF_CHECK_EQUAL(two["items"].size(), 2u);
  CAF_CHECK(contains(run("actors --limit 2").out, "2 of "));
}

CAF_TEST(what is wrong has an exit code and says what to try) {
  auto missing = run("tickers show NONE");
  CAF_CHECK_EQUAL(missing.exit_code, 5);
  CAF_CHECK(contains(missing.err, "NONE"));
  CAF_CHECK_EQUAL(run("actors show w1/99999").exit_code, 5);
  CAF_CHECK_EQUAL(run("actors show nonsense").exit_code, 2);
  CAF_CHECK_EQUAL(run("gaps --from yesterday").exit_code, 2);
  auto unknown = run("tikcers");
  CAF_CHECK_EQUAL(unknown.exit_code, 2);
  CAF_CHECK(contains(unknown.err, "did you mean \"tickers\""));
  auto secret = run("alerts --console-token x");
  CAF_CHECK_EQUAL(secret.exit_code, 2);
  CAF_CHECK(contains(secret.err, "TICKERFLOW_CONSOLE_TOKEN"));
  caller["TICKERFLOW_CONSOLE_TOKEN_FILE"] = (folder / "viewer").string();
  auto viewer = run("tickers pause TSLA");
  CAF_CHECK_EQUAL(viewer.exit_code, 4);
  CAF_CHECK(contains(viewer.err, "operator's token"));
  CAF_CHECK_EQUAL(run("tickers").exit_code, 0);
  caller["TICKERFLOW_CONSOLE_TOKEN_FILE"] = (folder / "none").string();
  CAF_CHECK_EQUAL(run("tickers").exit_code, 2);
  caller.erase("TICKERFLOW_CONSOLE_TOKEN_FILE");
  auto without = run("tickers");
  CAF_CHECK_EQUAL(without.exit_code, 4);
  CAF_CHECK(contains(without.err, "--console-token-file"));
  caller["TICKERFLOW_CONSOLE_TOKEN"] = "not-the-token-0123456789";
  auto wrong = run("tickers");
  CAF_CHECK_EQUAL(wrong.exit_code, 4);
  CAF_CHECK(!contains(wrong.err, "not-the-token"));
  caller["TICKERFLOW_CONSOLE_URL"] =
      "http://127.0.0.1:" + std::to_string(free_port());
  auto away = run("tickers");
  CAF_CHECK_EQUAL(away.exit_code, 3);
  CAF_CHECK(contains(away.err, "--console-url"));
}

CAF_TEST(the console of a waiting master leads to the leader) {
  caller["TICKERFLOW_CONSOLE_URL"] =
      "http://127.0.0.1:" + std::to_string(consoles["standby"]);
  for (int i = 0; i < 100; ++i) {
    // It may not have its port or not know the leader yet.
    if (run("tickers").exit_code == 0)
      break;
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
  }
  check_table("tickers", "TSLA");
}

CAF_TEST(an operator pauses and resumes and restarts and it is in the audit) {
  CAF_CHECK_EQUAL(run("tickers pause TSLA").exit_code, 0);
  CAF_CHECK(comes_to_be_paused("TSLA", true));
  CAF_CHECK_EQUAL(run("tickers resume TSLA AAPL").exit_code, 0);
  CAF_CHECK(comes_to_be_paused("TSLA", false));
  auto actor = actor_of_kind("aggregator");
  CAF_CHECK_EQUAL(run("actors restart " + actor).exit_code, 0);
  auto lines = run_json("audit")["items"];
  CAF_CHECK_GREATER(lines.size(), 3u);
  CAF_CHECK_EQUAL(lines[0]["role"], "operator");
  check_table("audit", "operator +127\\.0\\.0\\.1");
}

CAF_TEST(a dead letter is listed shown and sent again) {
  db.run("INSERT INTO pipeline.dead_letter VALUES ('" + topic
         + "', 1, 1000, 'malformed', 'no close', 'TSLA', '{\"x\": 1}', now())");
  CAF_CHECK_EQUAL(run_json("dlq")["items"].size(), 1u);
  check_table("dlq ls --reason malformed", topic + "/1/1000");
  auto letter = topic + "/1/1000";
  CAF_CHECK(run_json("dlq show " + letter)["payload"] == "{\"x\": 1}");
  check_table("dlq show " + letter, "no close");
  CAF_CHECK(run_json("dlq replay " + letter)["topic"] == topic);
  CAF_CHECK_EQUAL(run("dlq replay " + topic + "/1/1001").exit_code, 5);
  CAF_CHECK_EQUAL(run("dlq show nonsense").exit_code, 2);
}

CAF_TEST(a support bundle has what was asked for and no secret) {
  caller["TICKERFLOW_KAFKA_PROPERTIES"] = "sasl.password=kafka-hush-hush";
  const std::vector<std::string> secrets{caller["API_KEY"], console_operator,
                                         "kafka-hush-hush"};
  auto path = (folder / "bundle.tar.gz").string();
  for (auto is_away : {false, true}) {
    if (is_away)
      caller["TICKERFLOW_CONSOLE_URL"] =
          "http://127.0.0.1:" + std::to_string(free_port());
    auto x = run("support-bundle --out " + path);
    CAF_CHECK_EQUAL(x.exit_code, 0);
    std::map<std::string, std::string> files;
    for (auto& file : read_tar_gz(path))
      files[file.name.substr(file.name.find('/') + 1)] = file.content;
    for (auto& [name, content] : files) {
      for (auto& secret : secrets)
        if (contains(content, secret))
          CAF_ERROR("a secret is in " << name);
      if (name.size() > 5 && name.substr(name.size() - 5) == ".json"
          && json::parse(content, nullptr, false).is_discarded())
        CAF_ERROR("no JSON: " << name);
    }
    for (auto name : {"MANIFEST.txt", "versions.txt", "settings.txt",
                      "doctor.txt", "postgres/activity.json",
                      "postgres/tables.json", "postgres/server.json"})
      CAF_CHECK_EQUAL(files.count(name), 1u);
    CAF_CHECK(contains(files["postgres/tables.json"], "market.bar"));
    for (auto name : {"overview", "actors", "shards", "logs", "audit"})
      CAF_CHECK_EQUAL(files.count(std::string{"console/"} + name + ".json"),
                      is_away ? 0u : 1u);
    CAF_CHECK_EQUAL(contains(files["MANIFEST.txt"], "no console answers"),
                    is_away);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
