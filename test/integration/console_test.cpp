#define CAF_SUITE console

// The console of real nodes: who may what, what it tells, what it does.

#include "test/integration/console_fixture.hpp"

#include <boost/beast/websocket.hpp>

using namespace tickerflow;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = probe::http;
using tcp = asio::ip::tcp;

/// A browser's or a program's WebSocket.
struct live_client {
  asio::io_context context;
  beast::websocket::stream<tcp::socket> stream{context};
  beast::websocket::response_type answer;
  beast::error_code error;

  live_client(std::uint16_t port, const probe::header_list& headers,
              int receive_bytes = 0) {
    tcp::socket socket{context, tcp::v4()};
    if (receive_bytes > 0)
      socket.set_option(asio::socket_base::receive_buffer_size(receive_bytes));
    socket.connect({asio::ip::address_v4::loopback(), port});
    stream.next_layer() = std::move(socket);
    stream.set_option(beast::websocket::stream_base::decorator(
        [headers](beast::websocket::request_type& x) {
          for (auto& [name, value] : headers)
            x.set(name, value);
          x.set(http::field::sec_websocket_protocol, "tickerflow.v1");
        }));
    stream.read_message_max(16 * 1024 * 1024);
    stream.handshake(answer, "localhost:" + std::to_string(port),
                     "/api/v1/live", error);
  }

  void watch(const std::vector<std::string>& paths) {
    stream.write(asio::buffer(json{{"watch", paths}}.dump()));
  }

  json read() {
    beast::flat_buffer buffer;
    stream.read(buffer);
    return json::parse(beast::buffers_to_string(buffer.data()));
  }
};

std::string cookie_of(const probe::answer& x) {
  auto text = x.header("Set-Cookie");
  return text.substr(0, text.find(';'));
}

struct fixture : console_fixture {};

} // namespace

CAF_TEST_FIXTURE_SCOPE(console_tests, fixture)

CAF_TEST(each resource tells what the cluster and the database have) {
  auto overview = wait_until_it_runs();
  CAF_CHECK_EQUAL(overview["master"], "master");
  CAF_CHECK_EQUAL(overview["nodes"]["alive"], 1);
  CAF_CHECK_EQUAL(overview["stages"].size(), 6u);
  auto nodes = body("/api/v1/nodes")["items"];
  CAF_REQUIRE_EQUAL(nodes.size(), 3u);
  std::map<std::string, std::string> roles;
  for (auto& x : nodes)
    roles[x["name"]] = x["role"];
  CAF_CHECK_EQUAL(roles["master"], "leader");
  CAF_CHECK_EQUAL(roles["standby"], "standby");
  CAF_CHECK_EQUAL(roles["w1"], "worker");
  auto shards = body("/api/v1/shards");
  CAF_CHECK_EQUAL(shards["items"].size(), 4u);
  CAF_CHECK(!shards["moves"].empty());
  CAF_CHECK_EQUAL(shards["items"][0]["owner"], "w1");
  auto tickers = body("/api/v1/tickers?limit=1");
  CAF_CHECK_EQUAL(tickers["total"], 2);
  CAF_CHECK_EQUAL(tickers["items"][0]["symbol"], "AAPL");
  auto rest = body("/api/v1/tickers?limit=1&cursor="
                   + tickers["next"].get<std::string>());
  CAF_CHECK_EQUAL(rest["items"][0]["symbol"], "TSLA");
  CAF_CHECK(rest["next"].is_null());
  auto one = body("/api/v1/tickers/aapl");
  CAF_CHECK_EQUAL(one["symbol"], "AAPL");
  CAF_CHECK_EQUAL(one["level"], "ok");
  CAF_CHECK(one["gaps"].is_number());

  auto count = std::stoul(
      db.value("SELECT count(*) FROM market.bar WHERE symbol = 'AAPL'"));
  auto bars = body("/api/v1/tickers/AAPL/bars?limit=50000");
  CAF_CHECK_EQUAL(bars["bars"].size(), count);
  auto newest = bars["bars"].back();
  CAF_CHECK_EQUAL(newest["start"].get<std::string>(),
                  one["last_bar"].get<std::string>());
  CAF_CHECK_EQUAL(newest["close"].dump(),
                  json::parse(db.value("SELECT trim_scale(close) FROM "
                                       "market.bar WHERE symbol = 'AAPL' ORDER "
                                       "BY start DESC LIMIT 1"))
                      .dump());
  // Page by page the same bars come.
  json paged = json::array();
  auto from = bars["bars"].front()["start"].get<std::string>();
  for (json next = from; next.is_string();) {
    auto page = body("/api/v1/tickers/AAPL/bars?limit=7&from="
                     + next.get<std::string>());
    for (auto& x : page["bars"])
      paged.push_back(x);
    next = page["next"];
  }
  CAF_CHECK(paged == bars["bars"]);
  auto csv = get("/api/v1/tickers/AAPL/bars?format=csv&limit=3");
  CAF_CHECK_EQUAL(std::count(csv.body.begin(), csv.body.end(), '\n'), 4);
  auto windows = body("/api/v1/tickers/AAPL/windows?width=1d&session=regular");
  CAF_REQUIRE(!windows["windows"].empty());
  CAF_CHECK_EQUAL(windows["windows"].back()["bars"].dump(),
                  db.value("SELECT bars FROM market.bar_window WHERE symbol = "
                           "'AAPL' AND width = '1d' AND session = 'regular' "
                           "ORDER BY window_start DESC LIMIT 1"));
}

CAF_TEST(what actors send is counted while somebody looks) {
  wait_until_it_runs();
  auto sent = wait_for_json("/api/v1/actors?node=w1&sort=out_per_s&order=desc",
                            [](const json& x) {
                              return !x["items"].empty()
                                     && x["items"][0]["out_per_s"] > 0;
                            });
  CAF_CHECK(sent["items"][0]["in_per_s"].is_number());
}

CAF_TEST(the page is packed only for who can unpack it) {
  auto plain = wait_for([&] { return get("/"); },
                        [](auto& x) { return x.status != 0; });
  CAF_CHECK_EQUAL(plain.status, 200u);
  CAF_CHECK_NOT_EQUAL(plain.body.find("<title>"), std::string::npos);
  CAF_CHECK_EQUAL(plain.header("Content-Encoding"), "");
  auto packed = send("master", probe::http::verb::get, "/",
                     {{"Accept-Encoding", "br, gzip"}});
  CAF_CHECK_EQUAL(packed.header("Content-Encoding"), "gzip");
  CAF_CHECK_LESS(packed.body.size(), plain.body.size());
}

CAF_TEST(a gap is found and a bar is followed on its way) {
  wait_until_it_runs();
  auto start = db.value("SELECT to_char(start AT TIME ZONE 'UTC', "
                        "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM market.bar "
                        "WHERE symbol = 'AAPL' AND session = 'regular' "
                        "ORDER BY start DESC OFFSET 5 LIMIT 1");
  auto trace = body("/api/v1/trace/AAPL?start=" + start);
  CAF_CHECK_EQUAL(trace["start"].get<std::string>(), start);
  CAF_REQUIRE_EQUAL(trace["steps"].size(), 5u);
  CAF_CHECK_EQUAL(trace["steps"][2]["step"], "published");
  CAF_CHECK(trace["steps"][2]["at"].is_string());
  CAF_CHECK(trace["steps"][3]["after_ms"].is_number());
  db.run("DELETE FROM market.bar WHERE symbol = 'AAPL' AND start = '" + start
         + "'");
  auto gaps = body("/api/v1/gaps?symbol=AAPL");
  auto found = false;
  for (auto& x : gaps["items"])
    found = found || (x["from"] == start && x["bars"] == 1);
  CAF_CHECK(found);
}

CAF_TEST(nothing is told without a token and nothing done by a viewer) {
  wait_until_it_runs();
  for (auto name : {"overview",
                    "alerts",
                    "budget",
                    "nodes",
                    "shards",
                    "rebalance",
                    "actors",
                    "actors/w1/1",
                    "flow",
                    "logs",
                    "tickers",
                    "tickers/AAPL",
                    "tickers/AAPL/bars",
                    "tickers/AAPL/windows",
                    "gaps",
                    "trace/AAPL",
                    "dead-letters",
                    "dead-letters/x/0/0",
                    "audit",
                    "session"})
    CAF_CHECK_EQUAL(
        send("master", http::verb::get, std::string{"/api/v1/"} + name, {})
            .status,
        401u);
  for (auto name : {"nodes/w1/drain", "nodes/w1/undrain", "rebalance",
                    "actors/w1/1/restart", "tickers/AAPL/pause",
                    "tickers/AAPL/resume", "dead-letters/x/0/0/replay"})
    CAF_CHECK_EQUAL(
        send("master", http::verb::post, std::string{"/api/v1/"} + name, {})
            .status,
        401u);
  CAF_CHECK_EQUAL(get("/api/v1/overview", console_viewer).status, 200u);
  auto strange = bearer(console_operator);
  strange["Host"] = "evil.example";
  CAF_CHECK_EQUAL(
      send("master", http::verb::get, "/api/v1/overview", strange).status,
      421u);
  for (auto path : {"/api/v1/nodes/w1/drain", "/api/v1/tickers/AAPL/pause",
                    "/api/v1/rebalance", "/api/v1/dead-letters/x/0/0/replay"}) {
    auto refused = post(path, console_viewer);
    CAF_CHECK_EQUAL(refused.status, 403u);
    CAF_CHECK_EQUAL(refused.header("Content-Type"), "application/problem+json");
  }
  auto audit = body("/api/v1/audit")["items"];
  CAF_REQUIRE_EQUAL(audit.size(), 4u);
  CAF_CHECK_EQUAL(audit[0]["role"], "viewer");
  // Probes need no token, the page neither.
  CAF_CHECK_EQUAL(send("master", http::verb::get, "/healthz", {}).status, 200u);
  CAF_CHECK_EQUAL(send("master", http::verb::get, "/", {}).status, 200u);
}

CAF_TEST(a browser logs in acts with its csrf token and logs out) {
  wait_until_it_runs();
  auto log_in = [&](const std::string& token) {
    return send("master", http::verb::post, "/api/v1/session",
                {{"Content-Type", "application/json"}},
                json{{"token", token}}.dump());
  };
  CAF_CHECK_EQUAL(log_in("a wrong token").status, 401u);
  auto in = log_in(console_operator);
  CAF_REQUIRE_EQUAL(in.status, 200u);
  auto text = in.header("Set-Cookie");
  for (auto part : {"HttpOnly", "SameSite=Strict", "Path=/"})
    CAF_CHECK(text.find(part) != std::string::npos);
  auto csrf = json::parse(in.body)["csrf"].get<std::string>();
  probe::header_list cookie{{"Cookie", cookie_of(in)}};
  auto path = "/api/v1/tickers/AAPL/pause";
  CAF_CHECK_EQUAL(send("master", http::verb::post, path, cookie).status, 403u);
  auto foreign = cookie;
  foreign["X-CSRF-Token"] = csrf;
  foreign["Origin"] = "http://evil.example";
  CAF_CHECK_EQUAL(send("master", http::verb::post, path, foreign).status, 403u);
  auto ours = cookie;
  ours["X-CSRF-Token"] = csrf;
  ours["Origin"] = "http://localhost";
  CAF_CHECK_EQUAL(send("master", http::verb::post, path, ours).status, 202u);
  wait_for_json("/api/v1/tickers/AAPL",
                [](const json& x) { return x["paused"] == true; });
  CAF_CHECK_EQUAL(
      send("master", http::verb::post, "/api/v1/tickers/AAPL/resume", ours)
          .status,
      202u);
  CAF_CHECK_EQUAL(
      send("master", http::verb::delete_, "/api/v1/session", ours).status,
      204u);
  CAF_CHECK_EQUAL(
      send("master", http::verb::get, "/api/v1/overview", cookie).status, 401u);
  // All of it is in the log, and no token is.
  auto log = log_text("master");
  CAF_CHECK(log.find("event=audit role=operator who=127.0.0.1 action=\"pause "
                     "AAPL\" result=\"ok\"")
            != std::string::npos);
  CAF_CHECK(log.find("action=\"login\" result=\"ok\"") != std::string::npos);
  CAF_CHECK(log.find("action=\"logout\"") != std::string::npos);
  CAF_CHECK_EQUAL(log.find(console_operator), std::string::npos);
  CAF_CHECK_EQUAL(log.find(console_viewer), std::string::npos);
}

CAF_TEST(an operator drains a node and a master that waits says who leads) {
  wait_until_it_runs();
  CAF_CHECK_EQUAL(post("/api/v1/nodes/nobody/drain").status, 404u);
  CAF_CHECK_EQUAL(post("/api/v1/nodes/w1/drain").status, 202u);
  wait_for_json("/api/v1/nodes", [](const json& x) {
    for (auto& n : x["items"])
      if (n["name"] == "w1")
        return n["state"] == "drained";
    return false;
  });
  CAF_CHECK_EQUAL(post("/api/v1/nodes/w1/undrain").status, 202u);
  auto plan = body("/api/v1/rebalance?with=w2:1");
  CAF_CHECK_EQUAL(plan["moves"].size(), 2u);
  auto waiting = wait_for(
      [&] {
        return send("standby", http::verb::get, "/api/v1/overview",
                    bearer(console_operator));
      },
      [](auto& x) { return x.status == 503; });
  auto told = json::parse(waiting.body);
  CAF_CHECK_EQUAL(told["type"], "not_leading");
  CAF_CHECK_EQUAL(told["leader"].get<std::string>(),
                  "http://127.0.0.1:" + std::to_string(consoles["master"]));
  CAF_CHECK_EQUAL(send("standby", http::verb::get, "/api/v1/session",
                       bearer(console_operator))
                      .status,
                  200u);
}

CAF_TEST(a dead letter is found read and sent again) {
  wait_until_it_runs();
  for (int i = 0; i < 5; ++i)
    db.run("INSERT INTO pipeline.dead_letter VALUES ('" + topic + "', 1, "
           + std::to_string(1'000 + i)
           + ", 'bad_number', 'no number: high', 'AAPL'::bytea, "
             "'{\"n\": "
           + std::to_string(i) + "}\\377'::bytea, now() - interval '"
           + std::to_string(10 - i) + " s')");
  auto page = body("/api/v1/dead-letters?limit=2&q=high");
  CAF_REQUIRE_EQUAL(page["items"].size(), 2u);
  CAF_CHECK_EQUAL(page["items"][0]["offset"], 1'004);
  CAF_CHECK_EQUAL(page["reasons"]["bad_number"], 5);
  std::set<int> offsets;
  for (json next = page["next"]; next.is_string();) {
    auto more = body("/api/v1/dead-letters?limit=2&q=high&cursor="
                     + next.get<std::string>());
    for (auto& x : more["items"])
      offsets.insert(x["offset"].get<int>());
    next = more["next"];
  }
  CAF_CHECK(offsets == (std::set<int>{1'000, 1'001, 1'002}));
  auto path = "/api/v1/dead-letters/" + topic + "/1/1002";
  auto letter = body(path);
  CAF_CHECK_EQUAL(letter["payload"], "{\"n\": 2}\\xff");
  CAF_CHECK_EQUAL(letter["payload_base64"], "eyJuIjogMn3/");
  auto sent = post(path + "/replay");
  CAF_CHECK_EQUAL(sent.status, 202u);
  auto place = json::parse(sent.body);
  CAF_CHECK_EQUAL(place["topic"], topic);
  // It is no better than before: so it comes back, from its new place.
  wait_for_json("/api/v1/dead-letters?shard="
                    + std::to_string(place["shard"].get<int>()),
                [&](const json& x) {
                  for (auto& y : x["items"])
                    if (y["offset"] == place["offset"])
                      return true;
                  return false;
                });
  CAF_CHECK_EQUAL(get("/api/v1/dead-letters/" + topic + "/1/77").status, 404u);
}

CAF_TEST(a websocket gets what it watches and is refused to strangers) {
  wait_until_it_runs();
  auto port = consoles["master"];
  CAF_CHECK(live_client(port, {}).error);
  auto foreign = bearer(console_viewer);
  foreign["Origin"] = "http://evil.example";
  CAF_CHECK(live_client(port, foreign).error);
  live_client client{port, bearer(console_viewer)};
  CAF_REQUIRE(!client.error);
  CAF_CHECK_EQUAL(std::string{client.answer["Sec-WebSocket-Protocol"]},
                  "tickerflow.v1");
  client.watch({"/api/v1/overview", "/api/v1/tickers?q=AAPL", "/api/v1/nothing",
                "/api/v1/tickers/AAPL/bars?limit=2"});
  std::map<std::string, json> got;
  while (got.size() < 4 || got["/api/v1/overview"].size() < 3) {
    auto x = client.read();
    auto path = x["path"].get<std::string>();
    if (path == "/api/v1/overview")
      got[path].push_back(x["data"]["at"]);
    else
      got[path] = x;
  }
  CAF_CHECK_EQUAL(got["/api/v1/nothing"]["error"]["status"], 404);
  CAF_CHECK_EQUAL(got["/api/v1/tickers?q=AAPL"]["data"]["total"], 1);
  CAF_CHECK_EQUAL(
      got["/api/v1/tickers/AAPL/bars?limit=2"]["data"]["bars"].size(), 2u);
  // What stands still is sent once: three states of the overview were.
  CAF_CHECK(got["/api/v1/overview"][0] != got["/api/v1/overview"][2]);
  client.stream.write(asio::buffer(std::string{"nonsense"}));
  json last;
  do
    last = client.read();
  while (!last.contains("error"));
  CAF_CHECK_EQUAL(last["error"]["status"], 400);
}

CAF_TEST(a client that does not read is dropped and others go on) {
  wait_until_it_runs();
  auto port = consoles["master"];
  live_client slow{port, bearer(console_viewer), 4096};
  live_client brisk{port, bearer(console_viewer)};
  CAF_REQUIRE(!slow.error && !brisk.error);
  // Some megabytes: more than the kernel holds for who does not read.
  std::vector<std::string> paths{"/api/v1/overview"};
  for (int i = 0; i < 50; ++i)
    paths.push_back("/api/v1/tickers/AAPL/bars?limit="
                    + std::to_string(40'000 + i));
  slow.watch(paths);
  brisk.watch({"/api/v1/overview"});
  for (int i = 0; i < 600; ++i) {
    CAF_CHECK(brisk.read().contains("data"));
    if (log_text("master").find("event=console_client_dropped")
        != std::string::npos)
      break;
  }
  CAF_CHECK(log_text("master").find("reason=\"slow\"") != std::string::npos);
}

CAF_TEST(a hung node is told as silent and not left out) {
  wait_until_it_runs();
  nodes["w1"]->signal(SIGSTOP);
  auto told = wait_for_json("/api/v1/overview", [](const json& x) {
    for (auto& a : x["alerts"])
      if (a["about"] == "node" && a["subject"] == "w1")
        return true;
    return false;
  });
  CAF_CHECK(told["level"] != "ok");
  nodes["w1"]->signal(SIGCONT);
  wait_until_it_runs();
}

CAF_TEST_FIXTURE_SCOPE_END()
