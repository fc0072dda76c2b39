#define CAF_SUITE http_client

#include "io/http_client/http_client.hpp"
#include "io/http_client/url.hpp"
#include "io/simulator/simulator.hpp"

#include <caf/test/unit_test.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <deque>
#include <filesystem>
#include <thread>

#include <unistd.h>

using namespace tickerflow;
using namespace std::chrono_literals;
using boost::asio::ip::tcp;

namespace {

const std::string query =
    "/query?function=TIME_SERIES_INTRADAY&symbol=TSLA&interval=5min"
    "&apikey=SECRET0000000000";

std::string reply(const std::string& body, const std::string& more = "") {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size())
         + "\r\n" + more + "\r\n" + body;
}

/// Sends each request's scripted bytes; hangs up after an entry that says so.
class scripted_server {
public:
  struct step {
    std::string bytes;
    bool hang_up = false;
    std::chrono::milliseconds wait{0}; // before it goes on
  };

  explicit scripted_server(std::deque<step> steps)
      : steps_(std::move(steps)),
        acceptor_(context_, {boost::asio::ip::address_v4::loopback(), 0}),
        thread_([this] { serve(); }) {}

  ~scripted_server() {
    stopping_ = true;
    // A connection of our own ends the accept.
    boost::system::error_code ignored;
    tcp::socket last{context_};
    last.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }

  std::string url() const {
    return "http://127.0.0.1:"
           + std::to_string(acceptor_.local_endpoint().port());
  }

  int connections() const { return connections_; }
  int requests() const { return requests_; }
  const std::string& first_request() const { return first_request_; }

private:
  void serve() {
    while (!stopping_ && !steps_.empty()) {
      boost::system::error_code error;
      tcp::socket socket{context_};
      acceptor_.accept(socket, error);
      if (error || stopping_)
        return;
      ++connections_;
      boost::asio::streambuf buffer;
      while (!steps_.empty()) {
        auto length =
            boost::asio::read_until(socket, buffer, "\r\n\r\n", error);
        if (error)
          break;
        if (requests_++ == 0)
          first_request_.assign(boost::asio::buffers_begin(buffer.data()),
                                boost::asio::buffers_begin(buffer.data())
                                    + static_cast<std::ptrdiff_t>(length));
        buffer.consume(length);
        auto x = steps_.front();
        steps_.pop_front();
        boost::asio::write(socket, boost::asio::buffer(x.bytes), error);
        std::this_thread::sleep_for(x.wait);
        if (x.hang_up)
          break;
      }
    }
  }

  boost::asio::io_context context_;
  std::deque<step> steps_;
  tcp::acceptor acceptor_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> connections_{0};
  std::atomic<int> requests_{0};
  std::string first_request_;
  std::thread thread_;
};

http_client_options options_for(const std::string& url) {
  http_client_options result;
  result.url = url;
  result.connect_timeout = 2s;
  result.read_timeout = 2s;
  result.total_timeout = 5s;
  return result;
}

simulator_options still() {
  simulator_options result;
  result.port = 0;
  result.start = "2020-11-04 12:00";
  result.speed = 0;
  return result;
}

struct temporary_folder {
  temporary_folder()
      : path(std::filesystem::temp_directory_path()
             / ("tickerflow-http-client-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path);
  }
  ~temporary_folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

bool says(const caf::error& x, const std::string& words) {
  CAF_MESSAGE(text_of(x));
  return text_of(x).find(words) != std::string::npos;
}

} // namespace

CAF_TEST(an answer has status headers and body and the connection is kept) {
  simulator server{still()};
  server.start();
  http_client uut{options_for(server.url())};
  for (int i = 0; i < 3; ++i) {
    auto x = uut.get(query);
    CAF_REQUIRE(x);
    CAF_CHECK_EQUAL(x->status, 200u);
    CAF_CHECK(x->body.find("Time Series (5min)") != std::string::npos);
    auto has_date = false;
    for (auto& [name, value] : x->headers)
      has_date |= name == "Date";
    CAF_CHECK(has_date);
  }
  auto missing = uut.get("/nothing");
  CAF_REQUIRE(missing);
  CAF_CHECK_EQUAL(missing->status, 404u);
}

CAF_TEST(a request accepts everything uncompressed and says who asks) {
  scripted_server server{{{reply("x"), true}}};
  http_client uut{options_for(server.url() + "/api/")};
  CAF_REQUIRE(uut.get("/query?a=b", {{"x-rapidapi-key", "k"}}));
  auto& text = server.first_request();
  CAF_CHECK_EQUAL(text.substr(0, text.find('\r')),
                  "GET /api/query?a=b HTTP/1.1");
  CAF_CHECK(text.find("Accept: */*\r\n") != std::string::npos);
  CAF_CHECK(text.find("User-Agent: tickerflow/") != std::string::npos);
  CAF_CHECK(text.find("x-rapidapi-key: k\r\n") != std::string::npos);
  CAF_CHECK(text.find("Accept-Encoding") == std::string::npos);
}

CAF_TEST(TLS with a certified name is accepted) {
  temporary_folder folder;
  auto options = still();
  options.make_certificate = folder.path.string();
  simulator server{options};
  server.start();
  auto trusting = options_for(server.url());
  trusting.ca_file = server.ca_file();
  http_client uut{trusting};
  for (int i = 0; i < 2; ++i) {
    auto x = uut.get(query);
    CAF_REQUIRE(x);
    CAF_CHECK_EQUAL(x->status, 200u);
  }
}

CAF_TEST(an untrusted certificate is refused and the text says what to do) {
  temporary_folder folder;
  auto options = still();
  options.make_certificate = folder.path.string();
  simulator server{options};
  server.start();
  http_client uut{options_for(server.url())};
  auto x = uut.get(query);
  CAF_REQUIRE(!x);
  CAF_CHECK(x.error() == errc::refused);
  CAF_CHECK(says(x.error(), "is not trusted"));
  CAF_CHECK(says(x.error(), "TICKERFLOW_API_CA_FILE"));
  CAF_CHECK(!says(x.error(), "SECRET"));
}

CAF_TEST(a certificate of another name is refused) {
  temporary_folder folder;
  auto options = still();
  options.bind = "127.0.0.2"; // the certificate knows 127.0.0.1 and localhost
  options.make_certificate = folder.path.string();
  simulator server{options};
  server.start();
  auto trusting =
      options_for("https://127.0.0.2:" + std::to_string(server.port()));
  trusting.ca_file = server.ca_file();
  http_client uut{trusting};
  auto x = uut.get(query);
  CAF_REQUIRE(!x);
  CAF_CHECK(x.error() == errc::refused);
}

CAF_TEST(a CA file that cannot be read is a bad setting) {
  auto options = options_for("https://127.0.0.1:1");
  options.ca_file = "/no/such/file.pem";
  http_client uut{options};
  auto x = uut.get(query);
  CAF_REQUIRE(!x);
  CAF_CHECK(x.error() == errc::bad_setting);
  CAF_CHECK(says(x.error(), "/no/such/file.pem"));
}

CAF_TEST(a URL that cannot be used is a bad setting) {
  for (auto url : {"ftp://x", "www.alphavantage.co", "https://", "http://h:x",
                   "https://user:secret@host"}) {
    http_client uut{options_for(url)};
    auto x = uut.get(query);
    CAF_REQUIRE(!x);
    CAF_CHECK(x.error() == errc::bad_setting);
    CAF_CHECK(!says(x.error(), "secret"));
  }
  auto ipv6 = parse_server_url("http://[::1]:8082/x/");
  CAF_REQUIRE(ipv6);
  CAF_CHECK_EQUAL(ipv6->host, "::1");
  CAF_CHECK_EQUAL(ipv6->port, "8082");
  CAF_CHECK_EQUAL(ipv6->path, "/x");
  CAF_CHECK_EQUAL(ipv6->authority(), "[::1]:8082");
  auto plain = parse_server_url("https://h");
  CAF_CHECK_EQUAL(plain->authority(), "h");
}

CAF_TEST(a server that is not there is unavailable at once) {
  boost::asio::io_context context;
  tcp::acceptor free_port{context,
                          {boost::asio::ip::address_v4::loopback(), 0}};
  auto port = free_port.local_endpoint().port();
  free_port.close();
  http_client uut{options_for("http://127.0.0.1:" + std::to_string(port))};
  auto x = uut.get(query);
  CAF_REQUIRE(!x);
  CAF_CHECK(x.error() == errc::unavailable);
  CAF_CHECK(says(x.error(), "127.0.0.1"));
  CAF_CHECK(!says(x.error(), "SECRET"));
}

CAF_TEST(a name that does not exist is unavailable) {
  // RFC 6761: nothing under .invalid is ever found.
  http_client uut{options_for("http://tickerflow.invalid:1")};
  for (int i = 0; i < 2; ++i) {
    auto x = uut.get(query);
    CAF_REQUIRE(!x);
    CAF_CHECK(x.error() == errc::unavailable);
    CAF_CHECK(says(x.error(), "looking up tickerflow.invalid:1"));
    CAF_CHECK(!says(x.error(), "SECRET"));
  }
}

CAF_TEST(a server that does not speak HTTP or TLS is unavailable) {
  scripted_server mail{{{"220 mail.example.com ESMTP\r\n\r\n", true}}};
  simulator plain{still()};
  plain.start();
  for (auto& url :
       {mail.url(), "https://localhost:" + std::to_string(plain.port())}) {
    http_client uut{options_for(url)};
    auto x = uut.get(query);
    CAF_REQUIRE(!x);
    CAF_CHECK(x.error() == errc::unavailable);
    CAF_CHECK(!says(x.error(), "SECRET"));
  }
}

CAF_TEST(silence ends by the read timeout) {
  scripted_server server{{{"HTTP/1.1 200 OK\r\n", true, 700ms}}};
  auto options = options_for(server.url());
  options.read_timeout = 200ms;
  http_client uut{options};
  auto started = std::chrono::steady_clock::now();
  auto x = uut.get(query);
  CAF_REQUIRE(!x);
  CAF_CHECK(x.error() == errc::unavailable);
  CAF_CHECK(std::chrono::steady_clock::now() - started < 600ms);
}

CAF_TEST(a slow trickle ends by the total timeout) {
  // The simulator waits longer than the whole call may take.
  auto options = still();
  options.faults = {"slow:2000"};
  simulator server{options};
  server.start();
  auto impatient = options_for(server.url());
  impatient.total_timeout = 300ms;
  http_client uut{impatient};
  auto started = std::chrono::steady_clock::now();
  auto x = uut.get(query);
  CAF_REQUIRE(!x);
  CAF_CHECK(x.error() == errc::unavailable);
  CAF_CHECK(std::chrono::steady_clock::now() - started < 1s);
}

CAF_TEST(half a body is unavailable and the next call works) {
  auto options = still();
  options.faults = {"truncated:1"};
  simulator server{options};
  server.start();
  http_client uut{options_for(server.url())};
  auto x = uut.get(query);
  CAF_REQUIRE(!x);
  CAF_CHECK(x.error() == errc::unavailable);
  CAF_CHECK(uut.get(query));
}

CAF_TEST(a body beyond the limit is not read) {
  scripted_server server{{{reply(std::string(5000, 'x')), true}}};
  auto options = options_for(server.url());
  options.body_limit = 1000;
  http_client uut{options};
  auto x = uut.get(query);
  CAF_REQUIRE(!x);
  CAF_CHECK(x.error() == errc::unavailable);
  CAF_CHECK(says(x.error(), "1000 bytes"));
}

CAF_TEST(a kept connection that the server closed is made anew) {
  scripted_server server{{{reply("one"), true}, {reply("two"), true}}};
  http_client uut{options_for(server.url())};
  auto one = uut.get(query);
  CAF_REQUIRE(one);
  std::this_thread::sleep_for(100ms); // its end has arrived
  auto two = uut.get(query);
  CAF_REQUIRE(two);
  CAF_CHECK_EQUAL(two->body, "two");
  CAF_CHECK_EQUAL(server.connections(), 2);
}

CAF_TEST(a connection that dies under a request is made anew once) {
  // The second request is read, then the server hangs up without a byte.
  scripted_server server{
      {{reply("one")}, {"", true}, {reply("three")}, {"", true}, {"", true}}};
  http_client uut{options_for(server.url())};
  CAF_REQUIRE(uut.get(query));
  auto x = uut.get(query);
  CAF_REQUIRE(x);
  CAF_CHECK_EQUAL(x->body, "three");
  CAF_CHECK_EQUAL(server.connections(), 2);
  auto y = uut.get(query); // twice in a row is no stale connection
  CAF_REQUIRE(!y);
  CAF_CHECK(y.error() == errc::unavailable);
  CAF_CHECK_EQUAL(server.requests(), 5);
}

CAF_TEST(a body without a length ends with the connection) {
  scripted_server server{
      {{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it", true}}};
  http_client uut{options_for(server.url())};
  auto x = uut.get(query);
  CAF_REQUIRE(x);
  CAF_CHECK_EQUAL(x->body, "all of it");
}
