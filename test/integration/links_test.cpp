#define CAF_SUITE links

// Encrypted links as users run them: real processes of the built program with
// certificates that it made itself, a real Kafka, a real PostgreSQL.

#include "test/integration/test_database.hpp"

#include "io/local_servers/child_process.hpp"
#include "io/local_servers/ports.hpp"
#include "io/simulator/simulator.hpp"

#include <caf/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>

#include <filesystem>
#include <functional>
#include <random>
#include <thread>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

using environment_map = std::map<std::string, std::string>;

struct outcome {
  int exit_code = 0;
  std::string text; // of both outputs
};

std::string read(const std::filesystem::path& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

int count_of(const std::string& text, const std::string& part) {
  int result = 0;
  for (auto at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1))
    ++result;
  return result;
}

struct fixture {
  test_database db;
  std::filesystem::path folder;
  std::uint16_t port = free_port();
  std::unique_ptr<simulator> api;
  environment_map environment;
  std::map<std::string, std::unique_ptr<child_process>> nodes;

  fixture() {
    static int count = 0;
    auto name = std::to_string(::getpid()) + '_' + std::to_string(++count);
    auto topic = "links_" + name;
    folder =
        std::filesystem::temp_directory_path() / ("tickerflow_links_" + name);
    std::filesystem::create_directories(folder);
    simulator_options options;
    options.port = 0;
    options.start = "2020-11-02 10:00";
    options.speed = 0;
    api = std::make_unique<simulator>(options);
    api->start();
    auto master = "127.0.0.1:" + std::to_string(port);
    environment = {
        {"TICKERFLOW_KAFKA", server_address("TICKERFLOW_TEST_KAFKA")},
        {"TICKERFLOW_POSTGRES", db.dsn()},
        {"TICKERFLOW_KAFKA_TOPIC_RAW", topic},
        {"TICKERFLOW_KAFKA_TOPIC_PROCESSED", topic + "_processed"},
        {"TICKERFLOW_KAFKA_TOPIC_DEAD_LETTERS", topic + "_dead"},
        {"TICKERFLOW_SHARDS", "4"},
        {"TICKERFLOW_LISTEN", master},
        {"TICKERFLOW_MASTER", master},
        {"TICKERFLOW_TICKERS", "TSLA,MSFT"},
        {"TICKERFLOW_INTERVAL", "1min"},
        {"TICKERFLOW_POLL_INTERVAL", "1s"},
        {"TICKERFLOW_API_URL", api->url()},
        {"TICKERFLOW_API_CALLS_PER_MINUTE", "0"},
        {"TICKERFLOW_API_CALLS_PER_DAY", "0"},
        {"API_KEY", "LINKSTESTKEY0001"},
    };
    CAF_REQUIRE_EQUAL(
        run({"certs", "--out", "ours", "master", "w1", "w2", "look"}).exit_code,
        0);
    CAF_REQUIRE_EQUAL(run({"certs", "--out", "theirs", "w3"}).exit_code, 0);
  }

  ~fixture() {
    for (auto& [name, process] : nodes) {
      process->signal(SIGCONT);
      process->stop(15s, name == "master" ? SIGTERM : SIGKILL);
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  child_options options_of(const std::string& name,
                           std::vector<std::string> arguments,
                           const environment_map& more) const {
    child_options result;
    result.name = name;
    result.command = {TICKERFLOW_PROGRAM};
    result.command.insert(result.command.end(), arguments.begin(),
                          arguments.end());
    result.environment = environment;
    for (auto& [key, value] : more)
      result.environment[key] = value;
    result.log_file = log_of(name);
    result.directory = folder.string(); // no .env of ours in the way
    return result;
  }

  std::string log_of(const std::string& name) const {
    return (folder / (name + ".log")).string();
  }

  /// Runs the program to its end.
  outcome run(std::vector<std::string> arguments,
              const environment_map& more = {}) const {
    std::filesystem::remove(log_of("run"));
    auto process =
        child_process::start(options_of("run", std::move(arguments), more));
    CAF_REQUIRE(process);
    outcome result;
    result.exit_code = (*process)->wait();
    result.text = read(log_of("run"));
    return result;
  }

  environment_map certificates(const std::string& authority,
                               const std::string& name) const {
    auto path = (folder / authority).string() + '/';
    return {{"TICKERFLOW_TLS_CERT", path + name + ".pem"},
            {"TICKERFLOW_TLS_KEY", path + name + "-key.pem"},
            {"TICKERFLOW_TLS_CA", path + "ca.pem"}};
  }

  void start(const std::string& name, environment_map more) {
    more["TICKERFLOW_NODE"] = name;
    auto verb = name == "master" ? "master" : "worker";
    auto process = child_process::start(options_of(name, {verb}, more));
    CAF_REQUIRE(process);
    nodes[name] = std::move(*process);
  }

  void start_cluster() {
    start("master", certificates("ours", "master"));
    start("w1", certificates("ours", "w1"));
    start("w2", certificates("ours", "w2"));
    wait_until("both workers serve",
               [this] { return shards_of("w1") == 2 && shards_of("w2") == 2; });
  }

  /// The master's answer by an encrypted link; null if there is none.
  nlohmann::json status() const {
    auto found = run({"status", "--json"}, certificates("ours", "look"));
    auto result = nlohmann::json::parse(found.text, nullptr, false);
    if (!result.is_object())
      CAF_MESSAGE("status says: " << found.text);
    return result;
  }

  /// @returns how many shards the node runs, as the master knows it
  int shards_of(const std::string& name) const {
    int result = 0;
    auto x = status();
    if (x.is_object())
      for (auto& shard : x["shards"])
        if (shard["owner"] == name && shard["state"] == "running")
          ++result;
    return result;
  }

  void wait_until(const std::string& what, const std::function<bool()>& holds) {
    for (int i = 0; i < 300; ++i) {
      if (holds())
        return;
      std::this_thread::sleep_for(100ms);
    }
    for (auto& [name, node] : nodes)
      CAF_MESSAGE(name << ": " << tail_of(log_of(name), 8));
    CAF_FAIL("never so: " << what);
  }

  void wait_for_line(const std::string& node, const std::string& text) {
    wait_until(node + " says \"" + text + '"',
               [&] { return contains(read(log_of(node)), text); });
  }

  /// Connects to the master's port and says something, or nothing.
  void knock(const std::string& bytes) const {
    auto socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CAF_CHECK_EQUAL(
        ::connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    static_cast<void>(::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    ::close(socket);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(links_tests, fixture)

CAF_TEST(nodes with certificates work and others are refused in words) {
  start_cluster();
  // The permit for each call to the API crosses a link.
  wait_until("bars are stored", [this] {
    return db.value("SELECT count(DISTINCT symbol) FROM market.bar") == "2";
  });
  // Another authority, and none at all.
  start("w3", certificates("theirs", "w3"));
  wait_for_line("w3", "event=master_unreachable");
  wait_for_line("w3", "is refused (");
  wait_for_line("w3", "is it made by the authority in tls_ca");
  start("bare", {});
  wait_for_line("bare", "event=master_unreachable");
  wait_for_line("bare", "are encrypted and this node has no certificate");
  auto looked = run({"status"});
  CAF_CHECK_EQUAL(looked.exit_code, 1);
  CAF_CHECK(contains(looked.text, "set tls_cert, tls_key and tls_ca"));
  looked = run({"status"}, certificates("theirs", "w3"));
  CAF_CHECK_EQUAL(looked.exit_code, 1);
  CAF_CHECK(contains(looked.text, "is refused ("));
  // A port scan.
  std::mt19937 random{4711};
  for (int i = 0; i < 200; ++i) {
    std::string bytes(random() % 1000, '\0');
    for (auto& c : bytes)
      c = static_cast<char>(random());
    knock(bytes);
  }
  for (auto text : {"", "GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01"})
    knock(text);
  nlohmann::json x;
  wait_until("the master answers", [&] {
    x = status();
    return x.is_object();
  });
  CAF_CHECK_EQUAL(x["nodes"].size(), 2u);
  for (auto& node : x["nodes"])
    CAF_CHECK(node["alive"] == true);
  // Neither was ever thrown out by it.
  for (auto name : {"w1", "w2"})
    CAF_CHECK_EQUAL(count_of(read(log_of(name)), "event=registered"), 1);
  CAF_CHECK(contains(read(log_of("master")), "event=link_refused"));
}

CAF_TEST(a killed node is noticed by its closed link) {
  // Not by its silence: that would take longer than this test waits.
  environment["TICKERFLOW_SUSPECT_AFTER"] = "5min";
  environment["TICKERFLOW_DEAD_AFTER"] = "10min";
  start_cluster();
  nodes["w2"]->stop(5s, SIGKILL);
  wait_until("the other serves all", [this] { return shards_of("w1") == 4; });
  nodes["w1"]->stop(5s, SIGKILL);
  nodes.erase("w1");
  start("w1", certificates("ours", "w1"));
  wait_until("it is back", [this] { return shards_of("w1") == 4; });
}

CAF_TEST(a node that hangs is noticed by its silence and comes back) {
  environment["TICKERFLOW_SUSPECT_AFTER"] = "1s";
  environment["TICKERFLOW_DEAD_AFTER"] = "2s";
  start_cluster();
  nodes["w2"]->signal(SIGSTOP);
  wait_until("the other serves all", [this] { return shards_of("w1") == 4; });
  nodes["w2"]->signal(SIGCONT);
  wait_until("it serves again",
             [this] { return shards_of("w1") == 2 && shards_of("w2") == 2; });
  // And a master that hangs and one that is replaced.
  nodes["master"]->signal(SIGSTOP);
  wait_for_line("w1", "event=master_unreachable");
  nodes["master"]->stop(5s, SIGKILL);
  nodes.erase("master");
  start("master", certificates("ours", "master"));
  wait_until("both are back",
             [this] { return shards_of("w1") == 2 && shards_of("w2") == 2; });
}

CAF_TEST(what cannot work is told before anything starts) {
  auto fault = [&](std::vector<std::string> arguments,
                   const environment_map& more) {
    auto x = run(std::move(arguments), more);
    CAF_CHECK_EQUAL(x.exit_code, 2);
    CAF_CHECK_EQUAL(count_of(x.text, "\n"), 1); // one clear line
    return x.text;
  };
  auto mixed = certificates("ours", "w1");
  mixed["TICKERFLOW_TLS_CA"] = (folder / "theirs/ca.pem").string();
  for (auto verb : {"master", "worker", "status", "run"})
    CAF_CHECK(contains(fault({verb}, mixed), "is not signed by an authority"));
  mixed = certificates("ours", "w1");
  mixed["TICKERFLOW_TLS_KEY"] = (folder / "ours/w2-key.pem").string();
  CAF_CHECK(contains(fault({"worker"}, mixed), "does not fit"));
  mixed["TICKERFLOW_TLS_KEY"] = "";
  CAF_CHECK(contains(fault({"worker"}, mixed), "without tls_key"));
  auto open = fault({"master"}, {{"TICKERFLOW_LISTEN", "0.0.0.0:4711"}});
  CAF_CHECK(contains(open, "is open to other machines"));
  // What is there is not replaced.
  auto key = read(folder / "ours/w1-key.pem");
  auto x = run({"certs", "--out", "ours", "w9", "w1"});
  CAF_CHECK_EQUAL(x.exit_code, 1);
  CAF_CHECK(contains(x.text, "--force"));
  CAF_CHECK_EQUAL(read(folder / "ours/w1-key.pem"), key);
  CAF_CHECK(!std::filesystem::exists(folder / "ours/w9.pem"));
  for (auto name : {"../w1", "ca", "w:a b", ""})
    CAF_CHECK_EQUAL(run({"certs", "--out", "ours", name}).exit_code, 2);
}

CAF_TEST_FIXTURE_SCOPE_END()
