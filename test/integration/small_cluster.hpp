#pragma once

// A few real nodes over two recorded tickers.

#include "test/integration/test_database.hpp"

#include "io/local_servers/child_process.hpp"
#include "io/local_servers/ports.hpp"
#include "io/simulator/simulator.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <string>
#include <unistd.h>
#include <vector>

namespace tickerflow {

/// A database, topics and a folder of its own, the API simulator, and the
/// processes that a test starts on them.
struct small_cluster {
  test_database db;
  std::string topic; // of bars; the others are named after it
  std::filesystem::path folder;
  std::unique_ptr<simulator> api;
  std::map<std::string, std::string> environment; // of every node
  std::map<std::string, std::unique_ptr<child_process>> nodes;

  /// @param suite  unique among the suites
  /// @param speed  of the simulator's clock; 0: it stands, so that what is
  ///               stored comes to rest
  /// @param api_key what must not be seen anywhere
  small_cluster(const std::string& suite, double speed,
                const std::string& api_key) {
    static int count = 0;
    topic = suite + '_' + std::to_string(::getpid()) + '_'
            + std::to_string(++count);
    folder = std::filesystem::temp_directory_path() / ("tickerflow_" + topic);
    std::filesystem::create_directories(folder);
    simulator_options options;
    options.port = 0;
    options.start = "2020-11-20 11:00";
    options.speed = speed;
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
        {"TICKERFLOW_DATA_DIR", folder.string()},
        {"API_KEY", api_key},
    };
  }

  ~small_cluster() {
    // The workers first: they hand their shards to a master.
    for (auto i = nodes.rbegin(); i != nodes.rend(); ++i) {
      i->second->signal(SIGCONT);
      i->second->stop(std::chrono::seconds{15});
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  small_cluster(const small_cluster&) = delete;
  small_cluster& operator=(const small_cluster&) = delete;

  std::string log_of(const std::string& name) const {
    return (folder / (name + ".log")).string();
  }

  /// Starts a node.
  /// @param verb with its flags
  /// @param own  what only this node's environment has
  void start(const std::string& name, const std::vector<std::string>& verb,
             const std::map<std::string, std::string>& own) {
    child_options options;
    options.name = name;
    options.command = {TICKERFLOW_PROGRAM};
    options.command.insert(options.command.end(), verb.begin(), verb.end());
    options.environment = own;
    options.environment.insert(environment.begin(), environment.end());
    options.environment["TICKERFLOW_NODE"] = name;
    options.log_file = log_of(name);
    options.directory = folder.string(); // no .env of ours in the way
    auto process = child_process::start(options);
    CAF_REQUIRE(process);
    nodes[name] = std::move(*process);
  }
};

/// "127.0.0.1:PORT"
inline std::string at_port(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

} // namespace tickerflow
