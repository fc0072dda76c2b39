#pragma once

// Real nodes with consoles, and a client for them.

#include "test/http_probe.hpp"
#include "test/integration/test_database.hpp"

#include "io/local_servers/child_process.hpp"
#include "io/local_servers/ports.hpp"
#include "io/simulator/simulator.hpp"

#include <caf/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <thread>

namespace tickerflow {

constexpr auto console_operator = "operator-token-for-tests";
constexpr auto console_viewer = "viewer-token-for-tests-too";

struct console_fixture {
  using json = nlohmann::json;

  test_database db;
  std::filesystem::path folder;
  std::string topic;
  std::unique_ptr<simulator> api;
  std::map<std::string, std::string> environment;
  std::map<std::string, std::unique_ptr<child_process>> nodes;
  std::map<std::string, std::uint16_t> consoles; // of masters

  console_fixture() {
    static int count = 0;
    topic =
        "console_" + std::to_string(::getpid()) + '_' + std::to_string(++count);
    folder = std::filesystem::temp_directory_path() / ("tickerflow_" + topic);
    std::filesystem::create_directories(folder);
    std::ofstream{folder / "operator"} << console_operator << '\n';
    std::ofstream{folder / "viewer"} << console_viewer << '\n';
    for (auto name : {"operator", "viewer"})
      std::filesystem::permissions(folder / name,
                                   std::filesystem::perms::owner_read);
    simulator_options options;
    options.port = 0;
    options.start = "2020-11-20 11:00";
    options.speed = 0; // the clock stands: what is stored comes to rest
    api = std::make_unique<simulator>(options);
    api->start();
    environment = {
        {"TICKERFLOW_KAFKA", server_address("TICKERFLOW_TEST_KAFKA")},
        {"TICKERFLOW_POSTGRES", db.dsn()},
        {"TICKERFLOW_KAFKA_TOPIC_RAW", topic},
        {"TICKERFLOW_KAFKA_TOPIC_PROCESSED", topic + "_processed"},
        {"TICKERFLOW_KAFKA_TOPIC_DEAD_LETTERS", topic + "_dead"},
        {"TICKERFLOW_SHARDS", "4"},
        {"TICKERFLOW_TICKERS", "AAPL,TSLA"},
        {"TICKERFLOW_API_URL", api->url()},
        {"TICKERFLOW_API_CALLS_PER_MINUTE", "0"},
        {"TICKERFLOW_API_CALLS_PER_DAY", "0"},
        {"TICKERFLOW_POLL_INTERVAL", "1s"},
        {"TICKERFLOW_INTERVAL", "1min"},
        {"TICKERFLOW_CONSOLE_TOKEN_FILE", (folder / "operator").string()},
        {"TICKERFLOW_CONSOLE_VIEWER_TOKEN_FILE", (folder / "viewer").string()},
        {"TICKERFLOW_DATA_DIR", folder.string()},
        {"API_KEY", "CONSOLETESTKEY01"},
    };
    auto first = "127.0.0.1:" + std::to_string(free_port());
    auto second = "127.0.0.1:" + std::to_string(free_port());
    environment["TICKERFLOW_MASTER"] = first + ',' + second;
    start("master", {"master"}, first);
    start("w1", {"worker"}, first);
    start("standby", {"master", "--standby"}, second);
  }

  ~console_fixture() {
    // The worker first: it hands its shards to a master.
    for (auto i = nodes.rbegin(); i != nodes.rend(); ++i)
      i->second->stop(std::chrono::seconds{15});
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  void start(const std::string& name, std::vector<std::string> verb,
             const std::string& listen) {
    child_options options;
    options.name = name;
    options.command = {TICKERFLOW_PROGRAM};
    options.command.insert(options.command.end(), verb.begin(), verb.end());
    options.environment = environment;
    options.environment["TICKERFLOW_NODE"] = name;
    options.environment["TICKERFLOW_LISTEN"] = listen;
    if (verb.front() == "master") {
      consoles[name] = free_port();
      options.environment["TICKERFLOW_CONSOLE_LISTEN"] =
          "127.0.0.1:" + std::to_string(consoles[name]);
    }
    options.log_file = log_of(name);
    options.directory = folder.string(); // no .env of ours in the way
    auto process = child_process::start(options);
    CAF_REQUIRE(process);
    nodes[name] = std::move(*process);
  }

  std::string log_of(const std::string& name) const {
    return (folder / (name + ".log")).string();
  }

  std::string log_text(const std::string& name) const {
    std::ifstream file{log_of(name)};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

  static probe::header_list bearer(const std::string& token) {
    return {{"Authorization", "Bearer " + token}};
  }

  /// One request; status 0 if nobody listens.
  probe::answer send(const std::string& name, probe::http::verb verb,
                     const std::string& path, const probe::header_list& headers,
                     const std::string& body = "") {
    try {
      return probe::client{consoles[name]}.send(verb, path, body, headers);
    } catch (const boost::system::system_error&) {
      return {};
    }
  }

  probe::answer get(const std::string& path,
                    const std::string& token = console_operator) {
    return send("master", probe::http::verb::get, path, bearer(token));
  }

  probe::answer post(const std::string& path,
                     const std::string& token = console_operator) {
    return send("master", probe::http::verb::post, path, bearer(token));
  }

  json body(const std::string& path) {
    auto x = get(path);
    auto result = json::parse(x.body, nullptr, false);
    return result.is_discarded() ? json(x.body) : result;
  }

  /// Waits for an answer that pleases; no other clock is in these tests.
  probe::answer
  wait_for(const std::function<probe::answer()>& ask,
           const std::function<bool(const probe::answer&)>& fits) {
    probe::answer x;
    for (int i = 0; i < 600; ++i) {
      x = ask();
      if (fits(x))
        return x;
      std::this_thread::sleep_for(std::chrono::milliseconds{200});
    }
    for (auto& [name, process] : nodes)
      CAF_MESSAGE(name << ": " << tail_of(log_of(name), 8));
    CAF_FAIL("it never came; at last " << x.status << ": " << x.body);
    return x;
  }

  json wait_for_json(const std::string& path,
                     const std::function<bool(const json&)>& pleases) {
    auto fits = [&](const probe::answer& x) {
      auto y = json::parse(x.body, nullptr, false);
      return x.status == 200 && !y.is_discarded() && pleases(y);
    };
    return json::parse(wait_for([&] { return get(path); }, fits).body);
  }

  /// Until all shards are served and what is to be stored is stored.
  json wait_until_it_runs() {
    return wait_for_json("/api/v1/overview", [&](const json& x) {
      return x["shards"]["running"] == 4 && x["tickers"]["total"] == 2
             && x["totals"]["bars"] > 0 && x["lag"] == 0
             && x["totals"]["bars"]
                    == std::stoll(db.value("SELECT count(*) FROM market.bar"));
    });
  }
};

} // namespace tickerflow
