#define CAF_SUITE api_client

#include "actors/api_client.hpp"

#include "io/simulator/simulator.hpp"
#include "messages/setup.hpp"

#include <caf/test/dsl.hpp>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

struct config : caf::actor_system_config {
  config() { add_messages(*this); }
};

struct fixture : test_coordinator_fixture<config> {
  std::unique_ptr<simulator> server;
  api_client_options options;
  api_client_actor uut;

  ~fixture() {
    if (uut)
      caf::anon_send_exit(uut, caf::exit_reason::kill);
    consume_messages();
  }

  void start(simulator_options x = {}) {
    x.port = 0;
    x.start = "2020-11-04 12:00";
    x.speed = 0;
    server = std::make_unique<simulator>(x);
    server->start();
    options.http.url = server->url();
    options.key = "SECRET0000000000";
    uut = sys.spawn(api_client, options);
    consume_messages();
  }

  caf::expected<intraday_answer_ptr> fetch(bool full = false) {
    caf::expected<intraday_answer_ptr> result{caf::sec::request_timeout};
    intraday_request request;
    request.symbol = "TSLA";
    request.interval = 5min;
    request.full = full;
    auto pending = self->request(uut, caf::infinite, fetch_atom_v, request);
    consume_messages();
    pending.receive([&](const intraday_answer_ptr& x) { result = x; },
                    [&](caf::error& reason) { result = std::move(reason); });
    return result;
  }

  caf::error error_of(const char* fault) {
    server->set_faults({fault});
    auto x = fetch();
    CAF_REQUIRE(!x);
    auto text = reason_of(x.error());
    CAF_MESSAGE(text);
    CAF_CHECK(text.find("SECRET") == std::string::npos);
    CAF_CHECK(text.size() > 20); // for people
    return x.error();
  }

  refusal_class class_of(const caf::error& x) {
    auto refusal = refusal_of(x);
    CAF_REQUIRE(refusal.has_value());
    CAF_CHECK_EQUAL(refusal->symbol, "TSLA");
    CAF_CHECK(refusal->text.find("SECRET") == std::string::npos);
    return static_cast<refusal_class>(refusal->kind);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(api_client_tests, fixture)

CAF_TEST(the newest hundred bars come with the clock of the source) {
  start();
  auto x = fetch();
  CAF_REQUIRE(x);
  auto& answer = **x;
  CAF_CHECK_EQUAL(answer.bars.size(), 100u);
  CAF_CHECK_EQUAL(answer.source_now, server->now());
  // 12:00 New York: the bar [12:00, 12:05) is in the making.
  CAF_CHECK_EQUAL(format_rfc3339(answer.bars.back().start),
                  "2020-11-04T17:00:00Z");
  CAF_CHECK(fetch(true).value()->bars.size() > 1000);
}

CAF_TEST(each refusal is an error that says what to do) {
  start();
  using c = refusal_class;
  struct row {
    const char* fault;
    errc code;
    refusal_class kind;
  };
  for (auto& x : {row{"burst", errc::budget_exhausted, c::burst},
                  row{"per_minute", errc::budget_exhausted, c::per_minute},
                  row{"daily", errc::budget_exhausted, c::daily},
                  row{"daily_names_key", errc::budget_exhausted, c::daily},
                  row{"premium", errc::bad_request, c::premium},
                  row{"premium_outputsize", errc::bad_request, c::premium},
                  row{"invalid_key", errc::refused, c::bad_key},
                  row{"demo", errc::refused, c::bad_key},
                  row{"invalid_call", errc::bad_request, c::bad_call},
                  row{"unknown_function", errc::bad_request, c::bad_function},
                  row{"csv_spelled", errc::unavailable, c::unknown},
                  row{"http_503", errc::unavailable, c::unavailable},
                  row{"http_500", errc::unavailable, c::unavailable},
                  row{"http_406", errc::unavailable, c::unavailable},
                  row{"html", errc::unavailable, c::unavailable}}) {
    auto error = error_of(x.fault);
    CAF_CHECK(error == x.code);
    CAF_CHECK(class_of(error) == x.kind);
  }
  auto too_many = error_of("http_429");
  CAF_CHECK(class_of(too_many) == c::per_minute);
  auto refusal = refusal_of(too_many);
  CAF_CHECK_EQUAL(refusal->retry_after_ms, 2'000);
}

CAF_TEST(an answer without bars is no error) {
  start();
  server->set_faults({"empty"});
  auto x = fetch();
  CAF_REQUIRE(x);
  CAF_CHECK((*x)->bars.empty());
}

CAF_TEST(a cut answer is unavailable and tells no class) {
  start();
  auto error = error_of("truncated");
  CAF_CHECK(error == errc::unavailable);
  CAF_CHECK(!refusal_of(error));
}

CAF_TEST(what one client learns of the labels all of a node know) {
  simulator_options ends;
  ends.label = bar_label::end;
  start(ends);
  CAF_REQUIRE(fetch(true)); // days with a label 20:00
  CAF_CHECK(options.labels_are_ends->load());
  // The newest label is the end of the bar in the making: 12:05.
  auto second = sys.spawn(api_client, options);
  std::swap(uut, second);
  auto x = fetch();
  CAF_REQUIRE(x);
  CAF_CHECK_EQUAL(format_rfc3339((*x)->bars.back().start),
                  "2020-11-04T17:00:00Z");
  caf::anon_send_exit(second, caf::exit_reason::kill);
}

CAF_TEST_FIXTURE_SCOPE_END()
