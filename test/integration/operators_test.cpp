#define CAF_SUITE operators

// What an operator sees of real processes and can tell them: through the
// leading master, and the workers that it names.

#include "test/integration/small_cluster.hpp"

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

struct fixture : small_cluster {
  settings where; // the master is

  // A bar each second.
  fixture() : small_cluster("operators", 60, "OPERATORSTESTKEY") {
    auto port = free_port();
    environment["TICKERFLOW_MASTER"] = at_port(port);
    environment["TICKERFLOW_LISTEN"] = at_port(port);
    where.cluster.masters = {{"127.0.0.1", port}};
    where.cluster.beat_interval = 500ms;
    where.cluster.dead_after = 4s;
    start("master");
    start("worker");
  }

  void start(const std::string& name) {
    small_cluster::start(
        name, {name}, {{"TICKERFLOW_METRICS_LISTEN", at_port(free_port())}});
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
