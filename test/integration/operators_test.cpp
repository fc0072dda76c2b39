#define CAF_SUITE operators

// What an operator sees of real processes and can tell them: through the
// leading master, and the workers that it names.

#include "test/integration/test_database.hpp"

#include "io/local_servers/child_process.hpp"
#include "io/local_servers/ports.hpp"
#include "io/simulator/simulator.hpp"
#include "messages/coordinator.hpp"
#include "nodes/ask_master.hpp"

#include <caf/test/unit_test.hpp>

#include <csignal>
#include <filesystem>
#include <map>
#include <thread>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

struct fixture {
  test_database db;
  std::filesystem::path folder;
  std::unique_ptr<simulator> api;
  std::map<std::string, std::string> environment;
  std::map<std::string, std::unique_ptr<child_process>> nodes;
  settings where; // the master is

  fixture() {
    static int count = 0;
    auto name = "operators_" + std::to_string(::getpid()) + '_'
                + std::to_string(++count);
    folder = std::filesystem::temp_directory_path() / ("tickerflow_" + name);
    std::filesystem::create_directories(folder);
    simulator_options options;
    options.port = 0;
    options.start = "2020-11-20 11:00";
    options.speed = 60; // a bar each second
    api = std::make_unique<simulator>(options);
    api->start();
    auto port = free_port();
    environment = {
        {"TICKERFLOW_KAFKA", server_address("TICKERFLOW_TEST_KAFKA")},
        {"TICKERFLOW_POSTGRES", db.dsn()},
        {"TICKERFLOW_KAFKA_TOPIC_RAW", name},
        {"TICKERFLOW_KAFKA_TOPIC_PROCESSED", name + "_processed"},
        {"TICKERFLOW_KAFKA_TOPIC_DEAD_LETTERS", name + "_dead"},
        {"TICKERFLOW_SHARDS", "4"},
        {"TICKERFLOW_TICKERS", "AAPL,TSLA"},
        {"TICKERFLOW_API_URL", api->url()},
        {"TICKERFLOW_API_CALLS_PER_MINUTE", "0"},
        {"TICKERFLOW_API_CALLS_PER_DAY", "0"},
        {"TICKERFLOW_POLL_INTERVAL", "1s"},
        {"TICKERFLOW_INTERVAL", "1min"},
        {"TICKERFLOW_MASTER", "127.0.0.1:" + std::to_string(port)},
        {"TICKERFLOW_LISTEN", "127.0.0.1:" + std::to_string(port)},
        {"API_KEY", "OPERATORSTESTKEY"},
    };
    where.cluster.masters = {{"127.0.0.1", port}};
    where.cluster.beat_interval = 500ms;
    where.cluster.dead_after = 4s;
    start("master");
    start("worker");
  }

  ~fixture() {
    for (auto& [name, node] : nodes) {
      node->signal(SIGCONT);
      node->stop(15s);
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  void start(const std::string& name) {
    child_options options;
    options.name = name;
    options.command = {TICKERFLOW_PROGRAM, name};
    options.environment = environment;
    options.environment["TICKERFLOW_NODE"] = name;
    options.environment["TICKERFLOW_METRICS_LISTEN"] =
        "127.0.0.1:" + std::to_string(free_port());
    options.log_file = (folder / (name + ".log")).string();
    options.directory = folder.string();
    auto node = child_process::start(options);
    CAF_REQUIRE(node);
    nodes[name] = std::move(*node);
  }

  /// @returns what `f` makes of self and the master; nothing without an answer
  template <class F>
  bool ask(F f) {
    return ask_master(where,
                      [&](caf::scoped_actor& self,
                          const coordinator_actor& master) -> caf::error {
                        return f(self, master);
                      })
           == 0;
  }

  template <class T, class Actor, class... Ts>
  static caf::error ask_for(caf::scoped_actor& self, T& to, const Actor& whom,
                            const Ts&... xs) {
    caf::error result;
    self->request(whom, 2s, xs...)
        .receive([&](T& x) { to = std::move(x); },
                 [&](caf::error& x) { result = std::move(x); });
    return result;
  }

  bool pause(const std::string& symbol, bool on) {
    return ask([&](auto& self, auto& master) {
      bool paused = !on;
      auto error = ask_for(self, paused, master, pause_atom_v, symbol, on);
      CAF_CHECK(error || paused == on);
      return error;
    });
  }

  /// @returns tickers by symbol
  std::map<std::string, ticker_report> tickers() {
    cluster_status status;
    ask([&](auto& self, auto& master) {
      return ask_for(self, status, master, status_atom_v);
    });
    std::map<std::string, ticker_report> result;
    for (auto& shard : status.shards)
      for (auto& x : shard.report.tickers)
        result[x.symbol] = x;
    return result;
  }

  template <class Predicate>
  void wait_until(const char* what, Predicate holds) {
    for (int i = 0; i < 120; ++i) {
      if (holds())
        return;
      std::this_thread::sleep_for(500ms);
    }
    for (auto& [name, node] : nodes)
      CAF_MESSAGE(name << ": " << tail_of(node->log_file(), 15));
    CAF_FAIL("it takes too long until " << what);
  }

  void wait_for_words(const std::string& symbol, const std::string& words,
                      bool wanted) {
    wait_until(words.c_str(), [&] {
      auto x = tickers()[symbol];
      return !x.fetcher.empty()
             && (x.fetcher.find(words) != std::string::npos) == wanted;
    });
  }
};

constexpr auto paused_words = "paused by an operator";

} // namespace

CAF_TEST_FIXTURE_SCOPE(operators_tests, fixture)

CAF_TEST(a pause survives the end of master and worker) {
  wait_for_words("TSLA", paused_words, false);
  CAF_REQUIRE(pause("TSLA", true));
  wait_for_words("TSLA", paused_words, true);
  for (auto name : {"worker", "master"}) {
    nodes[name]->stop(0ms, SIGKILL);
    start(name);
    wait_until("it is told to the next one", [&] {
      auto all = tickers();
      return all["TSLA"].paused && all["TSLA"].fetcher == paused_words
             && !all["AAPL"].paused && !all["AAPL"].fetcher.empty();
    });
  }
  // The other one is fetched as ever.
  auto before = tickers()["AAPL"].last_bar_s;
  wait_until("AAPL goes on",
             [&] { return tickers()["AAPL"].last_bar_s > before; });
  CAF_REQUIRE(pause("TSLA", false));
  auto stopped = tickers()["TSLA"].last_bar_s;
  wait_until("TSLA goes on",
             [&] { return tickers()["TSLA"].last_bar_s > stopped; });
  CAF_CHECK(!pause("NONE", true));
}

CAF_TEST(a worker tells of its actors and one that is frozen does not answer) {
  wait_for_words("TSLA", paused_words, false);
  node_snapshot all;
  actor_detail detail;
  log_page lines;
  std::string told;
  auto answered = ask([&](auto& self, auto& master) -> caf::error {
    std::vector<registered_node> registered;
    if (auto error = ask_for(self, registered, master, nodes_atom_v))
      return error;
    CAF_REQUIRE_EQUAL(registered.size(), 1u);
    CAF_CHECK_EQUAL(registered[0].name, "worker");
    introspector_actor whom;
    if (auto error =
            ask_for(self, whom, registered[0].supervisor, introspect_atom_v))
      return error;
    if (auto error = ask_for(self, all, whom, snapshot_atom_v, true))
      return error;
    std::map<std::string, std::uint64_t> serials;
    for (auto& x : all.actors)
      serials[x.kind] = x.serial;
    for (auto kind :
         {"aggregator", "api_client", "fetcher", "introspector", "kafka_bridge",
          "link_connector", "node_supervisor", "postgres_writer"})
      CAF_CHECK_EQUAL(serials.count(kind), 1u);
    auto supervisor = serials["node_supervisor"];
    for (auto& x : all.actors) {
      auto root = x.kind == "introspector" || x.kind == "link_connector"
                  || x.kind == "node_supervisor";
      CAF_CHECK_EQUAL(x.supervisor, root ? 0 : supervisor);
    }
    for (int i = 0; i < 20 && detail.state_json.empty(); ++i) {
      std::this_thread::sleep_for(100ms);
      if (auto error = ask_for(self, detail, whom, inspect_atom_v, supervisor))
        return error;
    }
    CAF_CHECK_NOT_EQUAL(detail.state_json.find("\"registered\":true"),
                        std::string::npos);
    CAF_CHECK(!detail.can_restart);
    if (auto error = ask_for(self, lines, whom, logs_atom_v, std::uint64_t{0}))
      return error;
    if (auto error =
            ask_for(self, told, whom, restart_atom_v, serials["fetcher"]))
      return error;
    nodes["worker"]->signal(SIGSTOP);
    auto error = ask_for(self, all, whom, snapshot_atom_v, false);
    CAF_CHECK(error == caf::sec::request_timeout);
    nodes["worker"]->signal(SIGCONT);
    return caf::none;
  });
  CAF_CHECK(answered);
  CAF_CHECK_EQUAL(all.node, "worker");
  CAF_CHECK_EQUAL(all.pid, nodes["worker"]->pid());
  CAF_CHECK(all.memory_bytes > 1'000'000);
  CAF_CHECK_EQUAL(told.rfind("fetcher symbol=", 0), 0u);
  auto registered =
      std::find_if(lines.lines.begin(), lines.lines.end(), [](auto& x) {
        return x.text.rfind("event=registered", 0) == 0;
      });
  CAF_REQUIRE(registered != lines.lines.end());
  CAF_CHECK_EQUAL(registered->actor, detail.actor.serial);
  for (auto& x : lines.lines)
    CAF_CHECK_EQUAL(x.text.find("OPERATORSTESTKEY"), std::string::npos);
}

CAF_TEST_FIXTURE_SCOPE_END()
