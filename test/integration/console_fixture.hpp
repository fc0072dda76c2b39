#pragma once

// Real nodes with consoles, and a client for them.

#include "test/http_probe.hpp"
#include "test/integration/small_cluster.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <functional>
#include <map>
#include <thread>

namespace tickerflow {

constexpr auto console_operator = "operator-token-for-tests";
constexpr auto console_viewer = "viewer-token-for-tests-too";

struct console_fixture : small_cluster {
  using json = nlohmann::json;

  std::map<std::string, std::uint16_t> consoles; // of masters

  console_fixture() : small_cluster("console", 0, "CONSOLETESTKEY01") {
    std::ofstream{folder / "operator"} << console_operator << '\n';
    std::ofstream{folder / "viewer"} << console_viewer << '\n';
    for (auto name : {"operator", "viewer"})
      std::filesystem::permissions(folder / name,
                                   std::filesystem::perms::owner_read);
    auto first = at_port(free_port());
    auto second = at_port(free_port());
    environment["TICKERFLOW_MASTER"] = first + ',' + second;
    environment["TICKERFLOW_CONSOLE_TOKEN_FILE"] =
        (folder / "operator").string();
    environment["TICKERFLOW_CONSOLE_VIEWER_TOKEN_FILE"] =
        (folder / "viewer").string();
    start("master", {"master"}, first);
    start("w1", {"worker"}, first);
    start("standby", {"master", "--standby"}, second);
  }

  void start(const std::string& name, const std::vector<std::string>& verb,
             const std::string& listen) {
    std::map<std::string, std::string> own{{"TICKERFLOW_LISTEN", listen}};
    if (verb.front() == "master") {
      consoles[name] = free_port();
      own["TICKERFLOW_CONSOLE_LISTEN"] = at_port(consoles[name]);
    }
    small_cluster::start(name, verb, own);
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
