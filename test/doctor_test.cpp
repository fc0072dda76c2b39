#define CAF_SUITE doctor

#include "io/doctor/doctor.hpp"
#include "io/log/redact.hpp"
#include "io/reach/reach.hpp"
#include "io/settings/load.hpp"

#include "caf/test/unit_test.hpp"

#include <nlohmann/json.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ctime>
#include <thread>

using namespace tickerflow;

namespace {

/// Listens on a free port of this machine.
class listener {
public:
  listener() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto generic = reinterpret_cast<sockaddr*>(&address);
    ::bind(socket_.descriptor(), generic, size);
    ::listen(socket_.descriptor(), 8);
    ::getsockname(socket_.descriptor(), generic, &size);
    port = ntohs(address.sin_port);
  }

  tcp_socket accept() {
    return tcp_socket{::accept(socket_.descriptor(), nullptr, nullptr)};
  }

  std::uint16_t port = 0;

private:
  tcp_socket socket_;
};

/// A port that was free a moment ago: nothing listens there.
std::uint16_t closed_port() { return listener{}.port; }

/// Settings of which every server is a closed port.
settings nothing_there(environment more = {}) {
  auto port = std::to_string(closed_port());
  environment variables{
      {"API_KEY", "KEYKEYKEYKEYKEY1"},
      {"TICKERFLOW_API_URL", "http://127.0.0.1:" + port},
      {"TICKERFLOW_KAFKA", "127.0.0.1:" + port},
      {"POSTGRES_HOST", "127.0.0.1"},
      {"POSTGRES_PORT", port},
      {"POSTGRES_PASSWORD", "hushhush"},
      {"TICKERFLOW_LISTEN", "127.0.0.1:" + port},
      {"TICKERFLOW_DATA_DIR", "/tmp"},
  };
  for (auto& [name, value] : more)
    variables[name] = value;
  auto result = load_settings({}, variables, {"/nonexistent", "/nonexistent"});
  if (auto fault = std::get_if<settings_error>(&result))
    CAF_FAIL(fault->text);
  return std::get<settings>(result);
}

/// @returns the first finding whose check starts like that
finding find(const findings& all, const std::string& check) {
  for (auto& x : all)
    if (x.check.rfind(check, 0) == 0)
      return x;
  return {verdict::ok, "none", "no such check", "", ""};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Plays a web server that answers one request.
void answer_once(listener& x, const std::string& answer) {
  auto client = x.accept();
  char buffer[1024];
  if (::recv(client.descriptor(), buffer, sizeof(buffer), 0) > 0)
    ::send(client.descriptor(), answer.data(), answer.size(), MSG_NOSIGNAL);
}

std::string http_date(std::time_t at) {
  char text[64];
  std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT",
                std::gmtime(&at));
  return text;
}

finding clock_of_api_that_is_off_by(std::time_t seconds) {
  listener server;
  std::thread web{[&] {
    answer_once(server, "HTTP/1.1 200 OK\r\nDate: "
                            + http_date(std::time(nullptr) + seconds)
                            + "\r\n\r\n");
  }};
  auto found = check_api(
      nothing_there({{"TICKERFLOW_API_URL",
                      "http://127.0.0.1:" + std::to_string(server.port)}}));
  web.join();
  CAF_CHECK(!any_fail(found) || seconds != 0);
  return find(found, "clock");
}

} // namespace

CAF_TEST(a closed port is a failure with its cause and fix in every group) {
  auto x = nothing_there();
  auto all = examine(x, 0);
  CAF_CHECK(any_fail(all));
  for (auto& [group, check] :
       {std::pair{"API", "port"}, std::pair{"Kafka", "port"},
        std::pair{"PostgreSQL", "connection"}}) {
    findings part;
    for (auto& one : all)
      if (one.group == group)
        part.push_back(one);
    auto one = find(part, check);
    CAF_MESSAGE(one.group << ": " << one.cause << " -> " << one.fix);
    CAF_CHECK(one.level == verdict::fail);
    CAF_CHECK(!one.fix.empty());
    CAF_CHECK(contains(one.cause, "nothing listens")
              || contains(one.cause, "refused"));
  }
  CAF_CHECK(find(all, "listen").level == verdict::ok);
}

CAF_TEST(no report holds a secret) {
  auto x = nothing_there();
  register_secrets(secrets_of(x));
  auto all = examine(x, 0);
  for (auto& text : {report_text(all), report_json(all)}) {
    CAF_CHECK(!contains(text, "KEYKEY"));
    CAF_CHECK(!contains(text, "hushhush"));
  }
}

CAF_TEST(an unknown name is a failure that names it) {
  auto found = check_api(
      nothing_there({{"TICKERFLOW_API_URL", "https://no.such.host.invalid"}}));
  auto one = find(found, "name");
  CAF_CHECK(one.level == verdict::fail);
  CAF_CHECK(contains(one.cause, "no.such.host.invalid"));
}

CAF_TEST(the shape of the key is judged without showing it) {
  auto verdict_of = [](const std::string& key) {
    return find(check_api(nothing_there({{"API_KEY", key}})), "key").level;
  };
  CAF_CHECK(verdict_of("ABCDEFGH12345678") == verdict::ok);
  CAF_CHECK(verdict_of("abcdefgh12345678") == verdict::warn);
  CAF_CHECK(verdict_of("ABCDEFGH1234567") == verdict::warn);
  CAF_CHECK(verdict_of("demo") == verdict::warn);
  CAF_CHECK(verdict_of("") == verdict::fail);
}

CAF_TEST(the clock is compared with the one of the API) {
  CAF_CHECK(clock_of_api_that_is_off_by(0).level == verdict::ok);
  CAF_CHECK(clock_of_api_that_is_off_by(30).level == verdict::warn);
  auto late = clock_of_api_that_is_off_by(-3600);
  CAF_CHECK(late.level == verdict::fail);
  CAF_CHECK(contains(late.cause, " ms ahead of "));
}

CAF_TEST(a server without TLS behind an https address is a failure) {
  listener server;
  std::thread web{[&] { answer_once(server, "HTTP/1.1 400 Bad\r\n\r\n"); }};
  auto found = check_api(
      nothing_there({{"TICKERFLOW_API_URL",
                      "https://127.0.0.1:" + std::to_string(server.port)}}));
  web.join();
  auto one = find(found, "port");
  CAF_CHECK(one.level == verdict::fail);
  CAF_CHECK(contains(one.cause, "TLS"));
}

CAF_TEST(a port that is not one of Kafka is a failure after the patience) {
  listener server; // accepts by its backlog, never answers
  auto found = check_kafka(nothing_there(
      {{"TICKERFLOW_KAFKA", "127.0.0.1:" + std::to_string(server.port)}}));
  CAF_CHECK(find(found, "port").level == verdict::ok);
  CAF_CHECK(find(found, "metadata").level == verdict::fail);
}

CAF_TEST(an unknown client property is a failure that hides its value) {
  listener server;
  auto found = check_kafka(nothing_there(
      {{"TICKERFLOW_KAFKA", "127.0.0.1:" + std::to_string(server.port)},
       {"TICKERFLOW_KAFKA_PROPERTIES", "sasl.pasword=hush"}}));
  auto one = find(found, "client");
  CAF_CHECK(one.level == verdict::fail);
  CAF_CHECK(contains(one.cause, "sasl.pasword"));
  CAF_CHECK(!contains(one.cause, "hush"));
}

CAF_TEST(one broker of several that is away is only a warning) {
  listener server;
  auto found = check_kafka(
      nothing_there({{"TICKERFLOW_KAFKA",
                      "127.0.0.1:" + std::to_string(server.port)
                          + ",127.0.0.1:" + std::to_string(closed_port())}}));
  auto warned = 0;
  for (auto& one : found)
    warned += one.level == verdict::warn && contains(one.check, "port");
  CAF_CHECK_EQUAL(warned, 1);
}

CAF_TEST(a listen address that is taken or not ours is told apart) {
  listener server;
  auto listen = [](const std::string& where) {
    return find(check_machine(nothing_there({{"TICKERFLOW_LISTEN", where}})),
                "listen");
  };
  auto taken = listen("127.0.0.1:" + std::to_string(server.port));
  CAF_CHECK(taken.level == verdict::warn);
  CAF_CHECK(contains(taken.cause, "in use"));
  // 192.0.2.0/24 is for documentation (RFC 5737): no machine has it.
  CAF_CHECK(listen("192.0.2.1:4711").level == verdict::fail);
}

CAF_TEST(links between nodes are judged by certificates and address) {
  auto links = [](environment x) {
    return find(check_machine(nothing_there(std::move(x))), "links");
  };
  auto here = links({{"TICKERFLOW_LISTEN", "127.0.0.1:1"}});
  CAF_CHECK(here.level == verdict::ok);
  CAF_CHECK(contains(here.cause, "this machine only"));
  environment open{{"TICKERFLOW_LISTEN", "0.0.0.0:1"}};
  CAF_CHECK(links(open).level == verdict::fail);
  open["TICKERFLOW_INSECURE_LINKS"] = "true";
  CAF_CHECK(links(open).level == verdict::warn);
  open["TICKERFLOW_TLS_CERT"] = open["TICKERFLOW_TLS_KEY"] =
      open["TICKERFLOW_TLS_CA"] = "/not/there.pem";
  auto missing = find(check_machine(nothing_there(open)), "tls_cert");
  CAF_CHECK(missing.level == verdict::fail);
  CAF_CHECK(contains(missing.cause, "cannot be read"));
}

CAF_TEST(a data folder may be made later but not below a file) {
  auto disk = [](const std::string& folder) {
    return find(check_machine(nothing_there({{"TICKERFLOW_DATA_DIR", folder}})),
                "data_dir")
        .level;
  };
  CAF_CHECK(disk("/tmp/not/there/yet") != verdict::fail);
  CAF_CHECK(disk("/etc/passwd/below") == verdict::fail);
}

CAF_TEST(a report is JSON and has the worst verdict) {
  findings all{{verdict::ok, "A", "x", "good", ""},
               {verdict::warn, "A", "y", "\"odd\"\n", "look"}};
  auto json = nlohmann::json::parse(report_json(all));
  CAF_CHECK_EQUAL(json["verdict"], "warn");
  CAF_CHECK_EQUAL(json["checks"][1]["fix"], "look");
  CAF_CHECK(!any_fail(all));
  CAF_CHECK(contains(report_text(all), "2 checks, 1 warnings, 0 failures"));
}
