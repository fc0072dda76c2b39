#define CAF_SUITE monitor_server

#include "io/monitor_server/monitor_server.hpp"

#include "test/http_probe.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <caf/test/unit_test.hpp>

#include <thread>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

struct fixture {
  std::unique_ptr<monitor_server> server;
  asio::io_context context;

  void start(monitor_server_options options = {}) {
    options.host = "127.0.0.1";
    auto x = monitor_server::start(
        options, [](const std::string& path) -> std::optional<monitor_reply> {
          if (path == "/page")
            return monitor_reply{200, "hello\n"};
          if (path == "/ill")
            return monitor_reply{503, "NOT OK\n"};
          if (path == "/broken")
            throw std::runtime_error("no figures");
          return std::nullopt;
        });
    CAF_REQUIRE(x);
    server = std::move(*x);
  }

  tcp::socket connect() {
    tcp::socket result{context};
    result.connect({asio::ip::address_v4::loopback(), server->port()});
    return result;
  }

  /// @returns all that comes until the server closes
  std::string read_all(tcp::socket& from) {
    std::string result;
    boost::system::error_code e;
    asio::read(from, asio::dynamic_buffer(result), e);
    return result;
  }

  std::string tell(const std::string& bytes) {
    auto socket = connect();
    asio::write(socket, asio::buffer(bytes));
    return read_all(socket);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(monitor_server_tests, fixture)

CAF_TEST(one connection takes several answers) {
  start();
  probe::client client{server->port()};
  auto page = client.send(probe::http::verb::get, "/page?x=1");
  CAF_CHECK_EQUAL(page.status, 200u);
  CAF_CHECK_EQUAL(page.body, "hello\n");
  CAF_CHECK_EQUAL(client.send(probe::http::verb::get, "/ill").status, 503u);
  CAF_CHECK_EQUAL(client.send(probe::http::verb::get, "/nope").status, 404u);
  auto broken = client.send(probe::http::verb::get, "/broken");
  CAF_CHECK_EQUAL(broken.status, 500u);
  CAF_CHECK_EQUAL(broken.body, "failed: no figures\n");
  auto refused = client.send(probe::http::verb::delete_, "/page");
  CAF_CHECK_EQUAL(refused.status, 405u);
  CAF_CHECK_EQUAL(refused.header("Allow"), "GET, HEAD");
}

CAF_TEST(what is no request or too large is refused and closed) {
  start();
  auto status = [&](const std::string& bytes) {
    return tell(bytes).substr(0, 12);
  };
  CAF_CHECK_EQUAL(status("HEAD /page HTTP/1.1\r\nConnection: close\r\n\r\n"),
                  "HTTP/1.1 200");
  CAF_CHECK_EQUAL(status("\x16\x03\x01 rubbish\r\n\r\n"), "HTTP/1.1 400");
  CAF_CHECK_EQUAL(status("GET /" + std::string(9000, 'x')), "HTTP/1.1 431");
  CAF_CHECK_EQUAL(
      status("GET /page HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"),
      "HTTP/1.1 413");
}

CAF_TEST(a client that does not finish its request is dropped) {
  monitor_server_options options;
  options.request_limit = 100ms;
  options.idle_limit = 100ms;
  start(options);
  CAF_CHECK_EQUAL(tell("GET /page HTTP/1.1\r\nHo"), "");
  CAF_CHECK_EQUAL(tell(""), ""); // nor one that says nothing
  CAF_CHECK_EQUAL(probe::get(server->port(), "/page").status, 200u);
}

CAF_TEST(connections beyond the bound are closed) {
  monitor_server_options options;
  options.most_connections = 2;
  start(options);
  probe::client first{server->port()};
  probe::client second{server->port()};
  for (auto client : {&first, &second})
    CAF_CHECK_EQUAL(client->send(probe::http::verb::get, "/page").status, 200u);
  auto third = connect();
  CAF_CHECK_EQUAL(read_all(third), "");
  CAF_CHECK_EQUAL(first.send(probe::http::verb::get, "/page").status, 200u);
}

CAF_TEST(an address in use is an error that says what to do) {
  start();
  monitor_server_options options;
  options.host = "127.0.0.1";
  options.port = server->port();
  auto second = monitor_server::start(options, nullptr);
  CAF_REQUIRE(!second);
  CAF_CHECK(second.error() == errc::bad_setting);
  CAF_CHECK_NOT_EQUAL(text_of(second.error()).find("METRICS_LISTEN"),
                      std::string::npos);
}

CAF_TEST_FIXTURE_SCOPE_END()
