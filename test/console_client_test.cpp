#define CAF_SUITE console_client

#include "io/console_client/console_client.hpp"
#include "io/console_client/target.hpp"

#include <caf/test/unit_test.hpp>

using namespace tickerflow;

namespace {

const std::string url = "http://127.0.0.1:8081";

std::string problem(const std::string& type, const std::string& more = "") {
  return R"({"type":")" + type
         + R"(","title":"what","status":1,"detail":"because of this")" + more
         + '}';
}

struct fixture {
  console_reply explain(unsigned status, const std::string& body,
                        bool has_token = true) {
    return explain_answer(status, body, url, has_token, leader);
  }

  /// Whether the text says what, why, and what to do.
  bool says(const console_reply& x, const std::string& part) {
    CAF_MESSAGE(x.text);
    return x.text.find(part) != std::string::npos;
  }

  std::string leader;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(console_client_tests, fixture)

CAF_TEST(an answer is handed on as it is) {
  auto x = explain(200, R"({"a": 1})");
  CAF_CHECK(x.fault == console_fault::none);
  CAF_CHECK_EQUAL(x.body, R"({"a": 1})");
  CAF_CHECK(explain(202, "[]").fault == console_fault::none);
}

CAF_TEST(a server that is no console is told from a console) {
  for (auto& x : {explain(200, "<html>"), explain(404, "not here"),
                  explain(500, ""), explain(404, R"({"error": "x"})")}) {
    CAF_CHECK(x.fault == console_fault::unreachable);
    CAF_CHECK(says(x, url));
    CAF_CHECK(says(x, "--console-url"));
  }
}

CAF_TEST(a missing token and a wrong one are told apart) {
  auto missing = explain(401, problem("not_logged_in"), false);
  CAF_CHECK(missing.fault == console_fault::no_token);
  CAF_CHECK(says(missing, "TICKERFLOW_CONSOLE_TOKEN"));
  auto wrong = explain(401, problem("not_logged_in"), true);
  CAF_CHECK(wrong.fault == console_fault::wrong_token);
  CAF_CHECK(says(wrong, "another one"));
  CAF_CHECK(says(wrong, "because of this"));
}

CAF_TEST(who may only look is told which token may act) {
  auto x = explain(403, problem("forbidden"));
  CAF_CHECK(x.fault == console_fault::forbidden);
  CAF_CHECK(says(x, "operator's token"));
}

CAF_TEST(a master that does not lead names the one that does) {
  auto x =
      explain(503, problem("not_leading", R"(,"leader":"http://m2:8081")"));
  CAF_CHECK(x.fault == console_fault::not_leading);
  CAF_CHECK_EQUAL(leader, "http://m2:8081");
  explain(503, problem("not_leading", R"(,"leader":"m3:8081")"));
  CAF_CHECK_EQUAL(leader, "http://m3:8081");
  explain(503, problem("not_leading"));
  CAF_CHECK_EQUAL(leader, "");
}

CAF_TEST(other problems keep the words of the console) {
  auto missing = explain(404, problem("not_found"));
  CAF_CHECK(missing.fault == console_fault::not_found);
  CAF_CHECK(says(missing, "because of this"));
  CAF_CHECK(explain(400, problem("bad_request")).fault
            == console_fault::refused);
  auto busy = explain(429, problem("too_many"));
  CAF_CHECK(busy.fault == console_fault::unavailable);
  CAF_CHECK(says(busy, "again in some seconds"));
}

CAF_TEST(no console at an address is told with the address and what to do) {
  console_access access;
  access.url = "http://127.0.0.1:1"; // nobody listens on tcpmux
  access.token = "hush-hush";
  auto x = console_client{access}.get("/api/v1/overview");
  CAF_CHECK(x.fault == console_fault::unreachable);
  CAF_CHECK(says(x, "127.0.0.1:1"));
  CAF_CHECK(says(x, "--console-url"));
  CAF_CHECK(!says(x, "hush-hush"));
}

CAF_TEST(parts of a path and of a query cannot break out of their place) {
  CAF_CHECK_EQUAL(api_path({"actors", "a/b c", "1"}),
                  "/api/v1/actors/a%2Fb%20c/1");
  CAF_CHECK_EQUAL(with_query("/x", {{"q", "a&b=c"}, {"none", ""}, {"n", "1"}}),
                  "/x?q=a%26b%3Dc&n=1");
}

CAF_TEST_FIXTURE_SCOPE_END()
