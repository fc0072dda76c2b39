#define CAF_SUITE web_server

// What the console's server does before the console is asked: limits.

#include "io/web_server/web_server.hpp"

#include "io/certificates/certificate.hpp"
#include "test/http_probe.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/websocket.hpp>
#include <caf/test/unit_test.hpp>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include <unistd.h>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;

/// Notes what happens at a WebSocket.
struct scripted_user : web_socket_user {
  std::mutex mutex;
  std::condition_variable changed;
  std::shared_ptr<web_socket> socket;
  std::vector<std::string> received_texts;
  std::string end;

  void opened(std::shared_ptr<web_socket> x) override {
    std::lock_guard guard{mutex};
    socket = std::move(x);
    changed.notify_all();
  }

  void received(const std::string& text) override {
    std::lock_guard guard{mutex};
    received_texts.push_back(text);
    changed.notify_all();
  }

  void closed(const std::string& reason) override {
    std::lock_guard guard{mutex};
    end = reason;
    changed.notify_all();
  }

  template <class F>
  bool wait(F f) {
    std::unique_lock lock{mutex};
    return changed.wait_for(lock, 60s, f);
  }
};

struct fixture {
  std::shared_ptr<scripted_user> user = std::make_shared<scripted_user>();
  web_request last; // that a handler was given
  std::unique_ptr<web_server> server;
  asio::io_context context;

  void start(web_server_options options = {}) {
    options.host = "127.0.0.1";
    web_handlers handlers;
    handlers.answer = [this](const web_request& x) {
      last = x;
      if (x.path == "/broken")
        throw std::runtime_error("no figures");
      return web_reply{200, "text/plain", "hello", {{"X-Test", "1"}}};
    };
    handlers.open_socket = [this](const web_request& x)
        -> std::variant<web_reply, web_socket_opening> {
      if (x.path != "/live")
        return web_reply{403, "text/plain", "no", {}};
      return web_socket_opening{user, "test.v1"};
    };
    handlers.refuse = [](unsigned status, const std::string& detail) {
      return web_reply{status, "text/plain", detail, {}};
    };
    auto x = web_server::start(options, std::move(handlers));
    CAF_REQUIRE(x);
    server = std::move(*x);
  }

  tcp::socket connect() {
    tcp::socket result{context};
    result.connect({asio::ip::address_v4::loopback(), server->port()});
    return result;
  }

  std::string tell(const std::string& bytes) {
    auto socket = connect();
    boost::system::error_code e;
    asio::write(socket, asio::buffer(bytes), e);
    std::string result;
    asio::read(socket, asio::dynamic_buffer(result), e);
    return result;
  }

  ~fixture() {
    user->socket.reset();
    server.reset();
  }
};

using web_socket_stream = beast::websocket::stream<tcp::socket>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(web_server_tests, fixture)

CAF_TEST(a handler gets the request as it came) {
  start();
  auto x = probe::client{server->port()}.send(
      probe::http::verb::post, "/a%20b?c=d&e", "body", {{"X-Thing", "value"}});
  CAF_CHECK_EQUAL(x.status, 200u);
  CAF_CHECK_EQUAL(x.body, "hello");
  CAF_CHECK_EQUAL(x.header("X-Test"), "1");
  CAF_CHECK(!x.header("Date").empty());
  CAF_CHECK_EQUAL(last.method, "POST");
  CAF_CHECK_EQUAL(last.path, "/a%20b");
  CAF_CHECK_EQUAL(last.query, "c=d&e");
  CAF_CHECK_EQUAL(last.body, "body");
  CAF_CHECK_EQUAL(last.header("x-thing"), "value");
  CAF_CHECK_EQUAL(last.remote, "127.0.0.1");
}

CAF_TEST(a handler that fails is an answer and not the end) {
  start();
  probe::client client{server->port()};
  auto x = client.send(probe::http::verb::get, "/broken");
  CAF_CHECK_EQUAL(x.status, 500u);
  CAF_CHECK_EQUAL(x.body, "no figures");
  CAF_CHECK_EQUAL(client.send(probe::http::verb::get, "/").status, 200u);
}

CAF_TEST(what is too large or no http is refused) {
  web_server_options options;
  options.header_bytes = 1024;
  options.body_bytes = 100;
  start(options);
  auto large = probe::post(server->port(), "/", std::string(200, 'x'));
  CAF_CHECK_EQUAL(large.status, 413u);
  CAF_CHECK_EQUAL(
      probe::post(server->port(), "/", std::string(100, 'x')).status, 200u);
  auto headers = tell("GET / HTTP/1.1\r\nHost: x\r\nX-Long: "
                      + std::string(2000, 'x') + "\r\n\r\n");
  CAF_CHECK_EQUAL(headers.substr(0, 12), "HTTP/1.1 431");
  CAF_CHECK_EQUAL(tell("hello\r\n\r\n").substr(0, 12), "HTTP/1.1 400");
}

CAF_TEST(too many requests of an address are told to wait) {
  web_server_options options;
  options.requests_per_s = 0.001;
  options.request_burst = 5;
  start(options);
  probe::client client{server->port()};
  for (int i = 0; i < 5; ++i)
    CAF_CHECK_EQUAL(client.send(probe::http::verb::get, "/").status, 200u);
  CAF_CHECK_EQUAL(client.send(probe::http::verb::get, "/").status, 429u);
}

CAF_TEST(a client that does not finish its request is dropped) {
  web_server_options options;
  options.request_limit = 200ms;
  start(options);
  CAF_CHECK_EQUAL(tell("GET / HTTP/1.1\r\nHost: x\r\n"), "");
}

CAF_TEST(connections above the bound are closed at once) {
  web_server_options options;
  options.most_connections = 1;
  start(options);
  probe::client first{server->port()};
  CAF_CHECK_EQUAL(first.send(probe::http::verb::get, "/").status, 200u);
  CAF_CHECK_EQUAL(tell("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "");
  CAF_CHECK_EQUAL(first.send(probe::http::verb::get, "/").status, 200u);
}

CAF_TEST(a websocket takes texts both ways and knows its subprotocol) {
  start();
  web_socket_stream client{connect()};
  beast::websocket::response_type answer;
  client.set_option(beast::websocket::stream_base::decorator(
      [](beast::websocket::request_type& x) {
        x.set(beast::http::field::sec_websocket_protocol, "test.v1");
      }));
  client.handshake(answer, "localhost", "/live");
  CAF_CHECK_EQUAL(std::string{answer["Sec-WebSocket-Protocol"]}, "test.v1");
  client.write(asio::buffer(std::string{"hello"}));
  CAF_REQUIRE(user->wait([this] { return !user->received_texts.empty(); }));
  CAF_CHECK_EQUAL(user->received_texts[0], "hello");
  user->socket->send("a", std::make_shared<const std::string>("state"));
  beast::flat_buffer buffer;
  client.read(buffer);
  CAF_CHECK_EQUAL(beast::buffers_to_string(buffer.data()), "state");
  boost::system::error_code ignored;
  client.close(beast::websocket::close_code::normal, ignored);
  CAF_CHECK(user->wait([this] { return !user->end.empty(); }));
  CAF_CHECK_EQUAL(user->end, "left");
}

CAF_TEST(a websocket that may not be opened is an http answer) {
  start();
  auto x = probe::client{server->port()}.send(
      probe::http::verb::get, "/other", "",
      {{"Connection", "Upgrade"},
       {"Upgrade", "websocket"},
       {"Sec-WebSocket-Version", "13"},
       {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}});
  CAF_CHECK_EQUAL(x.status, 403u);
  CAF_CHECK_EQUAL(x.body, "no");
}

CAF_TEST(a websocket message that is too large ends it) {
  web_server_options options;
  options.socket_message_bytes = 100;
  start(options);
  web_socket_stream client{connect()};
  client.handshake("localhost", "/live");
  boost::system::error_code ignored;
  client.write(asio::buffer(std::string(200, 'x')), ignored);
  beast::flat_buffer buffer;
  client.read(buffer, ignored); // what it is told with is its close
  CAF_CHECK(user->wait([this] { return !user->end.empty(); }));
  CAF_CHECK(user->received_texts.empty());
}

CAF_TEST(a slow reader skips states and gets the newest) {
  start();
  web_socket_stream client{connect()};
  client.next_layer().set_option(
      asio::socket_base::receive_buffer_size(64 * 1024));
  client.handshake("localhost", "/live");
  CAF_REQUIRE(user->wait([this] { return user->socket != nullptr; }));
  // More than any buffer between here and there holds.
  constexpr int states = 200;
  for (int i = 1; i <= states; ++i)
    user->socket->send("a", std::make_shared<const std::string>(
                                std::to_string(i) + std::string(200'000, ' ')));
  client.read_message_max(1'000'000);
  int read = 0;
  int last = 0;
  while (last < states) {
    beast::flat_buffer buffer;
    client.read(buffer);
    auto text = beast::buffers_to_string(buffer.data());
    auto state = std::stoi(text);
    CAF_REQUIRE(state > last);
    last = state;
    ++read;
  }
  CAF_CHECK_LESS(read, states);
}

CAF_TEST(a reader that stands still is dropped) {
  web_server_options options;
  options.socket_write_limit = 300ms;
  start(options);
  web_socket_stream client{connect()};
  client.next_layer().set_option(asio::socket_base::receive_buffer_size(4096));
  client.handshake("localhost", "/live");
  CAF_REQUIRE(user->wait([this] { return user->socket != nullptr; }));
  for (int i = 0; i < 50; ++i)
    user->socket->send("state " + std::to_string(i),
                       std::make_shared<const std::string>(500'000, ' '));
  CAF_CHECK(user->wait([this] { return !user->end.empty(); }));
  CAF_CHECK_EQUAL(user->end, "slow");
}

CAF_TEST(a renewed certificate is used for new connections) {
  auto folder = std::filesystem::temp_directory_path()
                / ("web_server_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream{folder / name} << text;
    return (folder / name).string();
  };
  auto renew = [&] {
    auto authority = make_authority("test", 10);
    CAF_REQUIRE(authority);
    certificate_request wanted;
    wanted.name = "localhost";
    wanted.hosts = {"localhost", "127.0.0.1"};
    auto made = issue_certificate(*authority, wanted);
    CAF_REQUIRE(made);
    write("ca.pem", authority->certificate);
    write("key.pem", made->key);
    return write("cert.pem", made->certificate);
  };
  web_server_options options;
  options.certificate = renew();
  options.key = (folder / "key.pem").string();
  start(options);
  auto ca = (folder / "ca.pem").string();
  auto x = probe::get_tls(server->port(), ca, "127.0.0.1", "/");
  CAF_CHECK_EQUAL(x.status, 200u);
  CAF_CHECK(last.tls);
  renew();
  // The files are looked at again within seconds.
  auto trusted = false;
  for (int i = 0; i < 100 && !trusted; ++i) {
    try {
      trusted =
          probe::get_tls(server->port(), ca, "127.0.0.1", "/").status == 200;
    } catch (const boost::system::system_error&) {
      std::this_thread::sleep_for(200ms);
    }
  }
  CAF_CHECK(trusted);
  std::filesystem::remove_all(folder);
}

CAF_TEST_FIXTURE_SCOPE_END()
