#define CAF_SUITE metrics

// What monitoring sees: real nodes scraped over HTTP, and whether the rules,
// the dashboard and the manifests that we ship name only what is there.

#include "test/integration/small_cluster.hpp"

#include "io/http_client/http_client.hpp"

#include <caf/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <thread>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

constexpr auto api_key = "METRICSTESTKEY01";

std::string text_of_file(const std::string& path) {
  std::ifstream file{std::string{TICKERFLOW_SOURCE_DIR} + '/' + path};
  std::string result{std::istreambuf_iterator<char>{file}, {}};
  CAF_REQUIRE(!result.empty());
  return result;
}

/// Names of metrics in an expression of Prometheus: what is left without texts,
/// selectors, ranges, groupings, functions and operators.
std::set<std::string> metrics_in(std::string expression) {
  for (auto part :
       {R"re("[^"]*")re", R"re(\{[^}]*\})re", R"re(\[[^\]]*\])re",
        R"re(\b(by|without|on|ignoring)\s*\([^)]*\))re",
        R"re(\b[a-z_]+\s*\()re", R"re(\b(and|or|unless|bool|by)\b)re"})
    expression = std::regex_replace(expression, std::regex{part}, " ");
  std::set<std::string> result;
  std::regex name{"[a-zA-Z_:][a-zA-Z0-9_:]*"};
  for (std::sregex_iterator x{expression.begin(), expression.end(), name}, end;
       x != end; ++x)
    result.insert(x->str());
  result.erase("up"); // Prometheus' own
  return result;
}

std::set<std::string> metrics_of_rules() {
  std::set<std::string> result;
  auto folder =
      std::string{TICKERFLOW_SOURCE_DIR} + "/compose/monitoring/rules";
  for (auto& file : std::filesystem::directory_iterator{folder}) {
    std::istringstream lines{text_of_file("compose/monitoring/rules/"
                                          + file.path().filename().string())};
    for (std::string line; std::getline(lines, line);)
      if (auto at = line.find("expr: "); at != std::string::npos)
        result.merge(metrics_in(line.substr(at + 6)));
  }
  return result;
}

std::set<std::string> metrics_of_dashboard() {
  std::set<std::string> result;
  auto all = nlohmann::json::parse(
      text_of_file("compose/monitoring/grafana/dashboards/tickerflow.json"));
  for (auto& panel : all["panels"])
    for (auto& target : panel["targets"])
      result.merge(metrics_in(target["expr"].get<std::string>()));
  return result;
}

/// Of the autoscaler and of the rule in the text that feeds it.
std::set<std::string> metrics_of_manifests() {
  std::set<std::string> result;
  for (auto path : {"kubernetes/base/autoscaling.yaml", "docs/deployment.md"}) {
    auto text = text_of_file(path);
    std::smatch found;
    std::regex name{R"((?:metric: \{name: |seriesQuery: ')(\w+))"};
    CAF_REQUIRE(std::regex_search(text, found, name));
    result.insert(found[1]);
  }
  return result;
}

/// One page of metrics.
struct scrape {
  std::set<std::string> names;         // of samples
  std::map<std::string, double> value; // by name and labels, as they stand

  explicit scrape(const std::string& text) {
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
      if (line.empty() || line[0] == '#')
        continue;
      auto space = line.rfind(' ');
      names.insert(line.substr(0, line.find_first_of("{ ")));
      value[line.substr(0, space)] = std::stod(line.substr(space + 1));
    }
  }

  double sum(const std::string& name) const {
    double result = 0;
    for (auto& [key, x] : value)
      if (key == name || key.rfind(name + '{', 0) == 0)
        result += x;
    return result;
  }
};

struct fixture : small_cluster {
  std::map<std::string, std::uint16_t> ports;

  fixture() : small_cluster("metrics", 0, api_key) {
    auto first = at_port(free_port());
    auto second = at_port(free_port());
    environment["TICKERFLOW_MASTER"] = first + ',' + second;
    start("master", {"master"}, first);
    start("worker", {"worker"}, first);
    start("standby", {"master", "--standby"}, second);
  }

  void start(const std::string& name, const std::vector<std::string>& verb,
             const std::string& listen) {
    ports[name] = free_port();
    small_cluster::start(name, verb,
                         {{"TICKERFLOW_LISTEN", listen},
                          {"TICKERFLOW_METRICS_LISTEN", at_port(ports[name])}});
  }

  http_answer get(const std::string& name, const std::string& path) {
    http_client_options options;
    options.url = "http://127.0.0.1:" + std::to_string(ports[name]);
    auto answer = http_client{options}.get(path);
    if (answer)
      return *answer;
    http_answer none;
    none.body = text_of(answer.error());
    return none;
  }

  /// Waits for an answer that pleases; no other clock is in these tests.
  http_answer wait_for(const std::string& name, const std::string& path,
                       const std::function<bool(const http_answer&)>& pleases) {
    http_answer answer;
    for (int i = 0; i < 600; ++i) {
      answer = get(name, path);
      if (pleases(answer))
        return answer;
      std::this_thread::sleep_for(200ms);
    }
    for (auto& [node, process] : nodes)
      CAF_MESSAGE(node << ": "
                       << tail_of(log_of(node), 8));
    CAF_FAIL(name << path << " answers " << answer.status << ": "
                  << answer.body);
    return answer;
  }

  /// Until it answers so: on its way there it may say other things.
  void wait_for_answer(const std::string& name, const std::string& path,
                       unsigned status, const std::string& text) {
    auto page = wait_for(name, path, [&](const http_answer& x) {
      return x.status == status && x.body.find(text) != std::string::npos;
    });
    CAF_CHECK_EQUAL(page.status, status);
  }

  scrape wait_for_scrape(const std::string& name,
                         const std::function<bool(const scrape&)>& pleases) {
    auto page = wait_for(name, "/metrics", [&](const http_answer& x) {
      return x.status == 200 && pleases(scrape{x.body});
    });
    CAF_CHECK_EQUAL(page.body.find(api_key), std::string::npos);
    return scrape{page.body};
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(metrics_tests, fixture)

CAF_TEST(rules dashboard and manifests name only metrics that nodes have) {
  auto worker = wait_for_scrape("worker", [&](const scrape& x) {
    return x.sum("tickerflow_shards_owned") == 4
           && x.sum("tickerflow_bars_total") > 0
           && x.sum("tickerflow_bars_total")
                  == std::stod(db.value("SELECT count(*) FROM market.bar"))
           && x.names.count("tickerflow_watermark_lag_seconds") > 0;
  });
  auto master = wait_for_scrape("master", [](const scrape& x) {
    return x.sum("tickerflow_nodes") == 1
           && x.sum("tickerflow_shards_unowned") == 0;
  });
  auto there = worker.names;
  there.insert(master.names.begin(), master.names.end());
  size_t compared = 0;
  for (auto& wanted :
       {metrics_of_rules(), metrics_of_dashboard(), metrics_of_manifests()}) {
    CAF_CHECK(!wanted.empty());
    for (auto& name : wanted) {
      ++compared;
      if (there.count(name) == 0)
        CAF_ERROR("no node has the metric " << name);
    }
  }
  CAF_MESSAGE(compared << " names looked up in a scrape");
  // Not only there, but right.
  CAF_CHECK_EQUAL(worker.sum("tickerflow_node_registered"), 1.0);
  CAF_CHECK_EQUAL(worker.sum("tickerflow_node_up"), 1.0);
  CAF_CHECK_EQUAL(worker.sum("tickerflow_shard_epoch"),
                  std::stod(db.value("SELECT sum(epoch) FROM pipeline.shard")));
  CAF_CHECK_GREATER(worker.value["caf_actor_processing_time_seconds_count"
                                 "{name=\"postgres_writer\"}"],
                    0.0);
  CAF_CHECK_EQUAL(worker.names.count("tickerflow_leader"), 0u);
  CAF_CHECK_EQUAL(master.sum("tickerflow_leader"), 1.0);
  CAF_CHECK_EQUAL(master.value["tickerflow_nodes{state=\"alive\"}"], 1.0);
  CAF_CHECK_EQUAL(master.sum("tickerflow_shards"), 4.0);
  CAF_CHECK_GREATER(master.sum("tickerflow_api_calls_granted_total"), 0.0);
}

CAF_TEST(health and readiness follow what happens to the cluster) {
  wait_for_answer("master", "/readyz", 200, "this master leads");
  wait_for_answer("standby", "/readyz", 200, "waits to lead");
  wait_for_answer("worker", "/readyz", 200, "");
  for (auto name : {"master", "standby", "worker"}) {
    wait_for_answer(name, "/healthz", 200, "");
    wait_for_answer(name, "/", 404, "");
  }
  // Without any master the worker lives on, but is not ready.
  for (auto name : {"standby", "master"}) {
    nodes[name]->stop(5s, SIGKILL);
    nodes.erase(name);
  }
  wait_for_answer("worker", "/readyz", 503, "not registered");
  wait_for_answer("worker", "/healthz", 200, "");
  wait_for_scrape("worker", [](const scrape& x) {
    return x.sum("tickerflow_node_registered") == 0.0;
  });
}

CAF_TEST(nodes that were asked stop in order) {
  wait_for_answer("worker", "/readyz", 200, "");
  for (auto name : {"worker", "standby", "master"})
    wait_for_answer(name, "/metrics", 200, "");
  for (auto name : {"worker", "standby", "master"}) {
    // Not forced: that is exit code 1.
    nodes[name]->stop(30s);
    auto code = nodes[name]->wait();
    CAF_CHECK_EQUAL(code, 0);
    if (code != 0)
      CAF_MESSAGE(name << ": " << tail_of(log_of(name), 8));
  }
}

CAF_TEST(a master that still waits for Kafka stops in order) {
  environment["TICKERFLOW_KAFKA"] = at_port(free_port());
  start("early", {"master"}, at_port(free_port()));
  wait_for("early", "/readyz", [&](const http_answer& x) {
    return x.status == 503
           && tail_of(log_of("early"), 9).find("kafka_waits")
                  != std::string::npos;
  });
  nodes["early"]->stop(30s);
  CAF_CHECK_EQUAL(nodes["early"]->wait(), 0);
}

CAF_TEST(a leader that was asked can lose the lead and win it again) {
  wait_for_answer("worker", "/readyz", 200, "");
  wait_for_answer("master", "/readyz", 200, "this master leads");
  nodes["master"]->signal(SIGSTOP);
  wait_for_answer("standby", "/readyz", 200, "this master leads");
  nodes["master"]->signal(SIGCONT);
  wait_for_answer("master", "/readyz", 200, "waits to lead");
  nodes["standby"]->stop(5s, SIGKILL);
  wait_for_answer("master", "/readyz", 200, "this master leads");
}

CAF_TEST_FIXTURE_SCOPE_END()
