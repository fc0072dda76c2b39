#define CAF_SUITE call_limits

#include "io/simulator/call_limits.hpp"

#include "market/exchange_time.hpp"

#include <caf/test/unit_test.hpp>

using namespace tickerflow;
using namespace tickerflow::sim;
using namespace std::chrono_literals;

namespace {

call_limits::wall_time at(std::string_view text) {
  return *parse_rfc3339(text);
}

const auto noon = at("2026-11-24T17:00:00Z");

} // namespace

CAF_TEST(without limits every call is granted and counted) {
  call_limits uut{{}};
  for (auto i = 0; i < 1000; ++i)
    CAF_REQUIRE(uut.count("a", noon) == call_verdict::granted);
  CAF_CHECK_EQUAL(uut.of("a", noon).calls, 1000);
  CAF_CHECK_EQUAL(uut.of("a", noon).refused, 0);
  CAF_CHECK_EQUAL(uut.of("b", noon).calls, 0);
}

CAF_TEST(the minute gives its calls to each key and starts anew) {
  call_limits uut{{2, 0, false}};
  CAF_CHECK(uut.count("a", noon) == call_verdict::granted);
  CAF_CHECK(uut.count("a", noon + 1s) == call_verdict::granted);
  CAF_CHECK(uut.count("a", noon + 59s) == call_verdict::per_minute);
  CAF_CHECK(uut.count("b", noon + 59s) == call_verdict::granted);
  CAF_CHECK(uut.count("a", noon + 60s) == call_verdict::granted);
  CAF_CHECK_EQUAL(uut.of("a", noon + 60s).refused, 1);
  CAF_CHECK_EQUAL(uut.of("a", noon + 60s).this_minute, 1);
}

CAF_TEST(the day ends at midnight in New York and refused calls count) {
  call_limits uut{{0, 1, false}};
  auto midnight = at("2026-11-25T05:00:00Z");
  CAF_CHECK(uut.count("a", noon) == call_verdict::granted);
  CAF_CHECK(uut.count("a", midnight - 1s) == call_verdict::per_day);
  CAF_CHECK_EQUAL(uut.of("a", midnight - 1s).today, 2);
  CAF_CHECK(uut.count("a", midnight) == call_verdict::granted);
  // In summer midnight is at 04:00 UTC.
  call_limits summer{{0, 1, false}};
  CAF_CHECK(summer.count("a", at("2026-07-01T03:59:59Z"))
            == call_verdict::granted);
  CAF_CHECK(summer.count("a", at("2026-07-01T04:00:00Z"))
            == call_verdict::granted);
}

CAF_TEST(a second call within a second is refused) {
  call_limits uut{{0, 0, true}};
  CAF_CHECK(uut.count("a", noon) == call_verdict::granted);
  CAF_CHECK(uut.count("a", noon + 900ms) == call_verdict::burst);
  CAF_CHECK(uut.count("b", noon + 900ms) == call_verdict::granted);
  CAF_CHECK(uut.count("a", noon + 1900ms) == call_verdict::granted);
}

CAF_TEST(keys from outside cannot fill the memory) {
  call_limits uut{{}};
  for (auto i = 0; i < 12'000; ++i)
    uut.count(std::to_string(i), noon);
  CAF_CHECK_EQUAL(uut.all(noon).size(), 10'001u);
}
