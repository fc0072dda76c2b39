#define CAF_SUITE console_access

// Who may ask the console for what, before anything is looked up.

#include "market/exchange_time.hpp"
#include "nodes/console/access.hpp"
#include "nodes/console/query.hpp"
#include "nodes/console/tokens.hpp"

#include <caf/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace tickerflow;
using namespace tickerflow::console;
using namespace std::chrono_literals;

namespace {

constexpr auto operator_token = "operator-operator-operator";
constexpr auto viewer_token = "viewer-viewer-viewer-viewer";

web_request request(web_headers headers) {
  web_request result;
  result.method = "GET";
  result.remote = "192.0.2.7";
  result.headers = std::move(headers);
  return result;
}

struct fixture {
  access_rules uut{{operator_token,
                    viewer_token,
                    {"localhost", "127.0.0.1", "::1", "flow.example"},
                    false}};
  access_rules::time now = std::chrono::system_clock::now();

  bool host_is_ours(const std::string& host) {
    return !uut.check_host(request({{"host", host}}));
  }

  bool origin_is_ours(const std::string& host, const std::string& origin) {
    return !uut.check_origin(request({{"host", host}, {"origin", origin}}));
  }

  unsigned status_of(const web_request& x) {
    auto who = uut.identify(x, now);
    auto refusal = std::get_if<problem>(&who);
    return refusal ? refusal->status : 200;
  }

  unsigned status_of_token(const std::string& token) {
    return status_of(request({{"authorization", "Bearer " + token}}));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(console_access_tests, fixture)

CAF_TEST(a page under another name cannot reach the console) {
  CAF_CHECK(host_is_ours("127.0.0.1:8081"));
  CAF_CHECK(host_is_ours("LocalHost:8081"));
  CAF_CHECK(host_is_ours("localhost."));
  CAF_CHECK(host_is_ours("[::1]:8081"));
  CAF_CHECK(host_is_ours("flow.example"));
  CAF_CHECK(!host_is_ours("evil.example:8081"));
  CAF_CHECK(!host_is_ours("localhost.evil.example"));
  CAF_CHECK(!host_is_ours("192.0.2.1"));
  CAF_CHECK(!host_is_ours(""));
  CAF_CHECK(uut.check_host(request({})));
  CAF_CHECK(
      uut.check_host(request({{"host", "localhost"}, {"host", "localhost"}})));
}

CAF_TEST(
    a console on every address goes by any address but by no strange name) {
  access_rules open{{operator_token, "", {"localhost"}, true}};
  CAF_CHECK(!open.check_host(request({{"host", "192.0.2.1:8081"}})));
  CAF_CHECK(!open.check_host(request({{"host", "[2001:db8::1]:8081"}})));
  CAF_CHECK(open.check_host(request({{"host", "192.0.2.1.evil.example"}})));
}

CAF_TEST(only the page of the same origin may change something) {
  CAF_CHECK(origin_is_ours("localhost:8081", "http://localhost:8081"));
  CAF_CHECK(origin_is_ours("flow.example", "https://flow.example"));
  CAF_CHECK(origin_is_ours("flow.example:8081", "https://flow.example"));
  CAF_CHECK(!origin_is_ours("localhost:8081", "http://localhost:3000"));
  CAF_CHECK(!origin_is_ours("localhost:8081", "http://evil.example"));
  CAF_CHECK(!origin_is_ours("localhost:8081", "null"));
  CAF_CHECK(!origin_is_ours("localhost:8081", "http://127.0.0.1:8081"));
  // A program names no origin.
  CAF_CHECK(!uut.check_origin(request({{"host", "localhost"}})));
  CAF_CHECK(uut.check_origin(
      request({{"host", "localhost"}, {"sec-fetch-site", "cross-site"}})));
}

CAF_TEST(a token says the role) {
  CAF_CHECK(std::get<role>(uut.try_token(operator_token, "a"))
            == role::operator_);
  CAF_CHECK(std::get<role>(uut.try_token(viewer_token, "a")) == role::viewer);
  CAF_CHECK_EQUAL(status_of_token(operator_token), 200u);
  CAF_CHECK_EQUAL(status_of_token("operator-operator-operatoR"), 401u);
  CAF_CHECK_EQUAL(status_of(request({{"authorization", "Basic YTpi"}})), 401u);
  CAF_CHECK_EQUAL(status_of(request({})), 401u);
}

CAF_TEST(without viewers an empty token lets nobody in) {
  access_rules alone{{operator_token, "", {"localhost"}, false}};
  auto who = alone.try_token("", "a");
  CAF_REQUIRE(std::holds_alternative<problem>(who));
}

CAF_TEST(who guesses tokens is held up but not who has shown the right one) {
  CAF_CHECK_EQUAL(status_of_token(viewer_token), 200u);
  for (int i = 0; i < 10; ++i)
    CAF_CHECK_EQUAL(status_of_token("guess-" + std::to_string(i)), 401u);
  CAF_CHECK_EQUAL(status_of_token("guess-10"), 429u);
  // Not even the right one from there, if it was never shown before.
  CAF_CHECK_EQUAL(status_of_token(operator_token), 429u);
  CAF_CHECK_EQUAL(status_of_token(viewer_token), 200u);
  // Another address is another matter.
  auto who = uut.try_token(operator_token, "198.51.100.1");
  CAF_CHECK(std::holds_alternative<role>(who));
}

CAF_TEST(a session lasts twelve hours or until it is closed) {
  auto id = uut.sessions().open(role::viewer, now);
  auto with_cookie =
      request({{"cookie", "a=b; tickerflow_session=" + id + "; c=d"}});
  CAF_CHECK_EQUAL(status_of(with_cookie), 200u);
  now += 12h - 1s;
  CAF_CHECK_EQUAL(status_of(with_cookie), 200u);
  now += 1s;
  CAF_CHECK_EQUAL(status_of(with_cookie), 401u);
  now -= 1h;
  CAF_CHECK_EQUAL(status_of(with_cookie), 200u);
  uut.sessions().close(id);
  CAF_CHECK_EQUAL(status_of(with_cookie), 401u);
}

CAF_TEST(one session too many ends the oldest) {
  session_board board{3};
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i)
    ids.push_back(board.open(role::viewer, now + i * 1s));
  CAF_CHECK(!board.find(ids[0], now + 10s));
  for (int i = 1; i < 4; ++i)
    CAF_CHECK(board.find(ids[static_cast<std::size_t>(i)], now + 10s));
}

CAF_TEST(a session that changes something needs its own csrf token) {
  auto id = uut.sessions().open(role::operator_, now);
  auto other = uut.sessions().open(role::operator_, now);
  caller who;
  who.session_id = id;
  who.csrf = uut.sessions().find(id, now)->csrf;
  auto with = [](const std::string& csrf) {
    return request({{"host", "localhost"}, {"x-csrf-token", csrf}});
  };
  CAF_CHECK(!uut.check_change(with(who.csrf), who));
  CAF_CHECK(uut.check_change(with(""), who));
  CAF_CHECK(uut.check_change(with(uut.sessions().find(other, now)->csrf), who));
  // A program's token is no cookie: nobody can send it for it.
  who.session_id.clear();
  CAF_CHECK(!uut.check_change(request({{"host", "localhost"}}), who));
}

CAF_TEST(a token file is made once and readable by its owner only) {
  auto folder = std::filesystem::temp_directory_path()
                / ("console_tokens_" + std::to_string(::getpid()));
  auto path = (folder / "data" / "console.token").string();
  auto made = keep_token(path);
  CAF_REQUIRE(made);
  CAF_CHECK(made->is_new);
  CAF_CHECK_EQUAL(made->file, path);
  struct stat facts {};
  CAF_REQUIRE_EQUAL(::stat(path.c_str(), &facts), 0);
  CAF_CHECK_EQUAL(facts.st_mode & 0777u, 0600u);
  auto again = keep_token(path);
  CAF_REQUIRE(again);
  CAF_CHECK(!again->is_new);
  CAF_CHECK_EQUAL(again->text, made->text);
  std::ofstream{path} << "short\n";
  CAF_CHECK(!keep_token(path));
  CAF_CHECK(!read_token(path));
  std::filesystem::remove_all(folder);
}

CAF_TEST(parameters are checked and cursors come back as they were) {
  query x{"q=a%20b+c&limit=7&from=2020-11-02T14:30:00%2B01:00",
          {"q", "limit", "from", "cursor"}};
  CAF_CHECK_EQUAL(x.text("q", 10), "a b c");
  CAF_CHECK_EQUAL(x.limit(), 7u);
  CAF_CHECK(x.instant("from") == parse_rfc3339("2020-11-02T13:30:00Z"));
  auto refused = [](const std::string& text) {
    try {
      query y{text, {"limit", "q", "cursor"}};
      y.limit();
      y.text("q", 3);
      y.cursor(2);
      return 0u;
    } catch (const problem& p) {
      return p.status;
    }
  };
  CAF_CHECK_EQUAL(refused("limit=5"), 0u);
  CAF_CHECK_EQUAL(refused("limit=0"), 400u);
  CAF_CHECK_EQUAL(refused("limit=5x"), 400u);
  CAF_CHECK_EQUAL(refused("limit=5&limit=6"), 400u);
  CAF_CHECK_EQUAL(refused("unknown=1"), 400u);
  CAF_CHECK_EQUAL(refused("q=%zz"), 400u);
  CAF_CHECK_EQUAL(refused("q=%00"), 400u);
  CAF_CHECK_EQUAL(refused("q=%ff"), 400u);
  CAF_CHECK_EQUAL(refused("q=abcd"), 400u);
  CAF_CHECK_EQUAL(refused("cursor=nonsense"), 404u);
  std::vector<std::string> parts{"a.b \xC3\xA4\n", ""};
  query y{"cursor=" + cursor_of(parts), {"cursor"}};
  CAF_REQUIRE(y.cursor(2));
  CAF_CHECK(*y.cursor(2) == parts);
}

CAF_TEST(a bucket of requests fills again and is kept for few addresses) {
  rate_limit limit{2.0, 3.0, 2};
  auto at = rate_limit::time{};
  for (int i = 0; i < 3; ++i)
    CAF_CHECK(limit.admit("a", at));
  CAF_CHECK(!limit.admit("a", at));
  CAF_CHECK(limit.admit("b", at));
  CAF_CHECK(!limit.admit("a", at + 400ms));
  CAF_CHECK(limit.admit("a", at + 600ms));
  // b's bucket is full and forgotten; more than two share one.
  for (int i = 0; i < 4; ++i)
    CAF_CHECK(limit.admit("c" + std::to_string(i), at + 600ms));
  CAF_CHECK(!limit.admit("d", at + 600ms));
}

CAF_TEST_FIXTURE_SCOPE_END()
