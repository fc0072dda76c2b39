#define CAF_SUITE event

#include "io/event/event.hpp"

#include "market/exchange_time.hpp"

#include <caf/test/unit_test.hpp>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

bar sample() {
  bar x;
  x.symbol = "TSLA";
  x.interval = 1min;
  x.start = *parse_rfc3339("2020-11-27T14:30:00Z");
  x.open_e4 = 5835000;
  x.high_e4 = 5841234;
  x.low_e4 = 5830001;
  x.close_e4 = 5840000;
  x.volume_shares = 12345;
  return x;
}

std::string event_with(const std::string& field, const std::string& value) {
  std::string text = R"({"symbol":"TSLA","interval":"1min",)"
                     R"("timestamp":"2020-11-27T14:30:00Z","open":10,)"
                     R"("high":12,"low":9,"close":11,"volume":5})";
  auto at = text.find('"' + field + "\":") + field.size() + 3;
  auto end = text.find_first_of(",}", at);
  return text.replace(at, end - at, value);
}

std::string fault_of(std::string_view payload) {
  event_parser uut;
  return std::string{to_string(uut.parse(payload).fault)};
}

} // namespace

CAF_TEST(an encoded bar is read back as it was) {
  auto x = sample();
  auto text = encode_event(x, session::regular, "alphavantage", x.end(), 0);
  CAF_MESSAGE(text);
  event_parser uut;
  auto& y = uut.parse(text);
  CAF_CHECK_EQUAL(y.detail, "");
  CAF_CHECK(y.fault == event_fault::none);
  CAF_CHECK(y.value == x);
  CAF_CHECK(!y.legacy);
}

CAF_TEST(a bar without volume stays without volume) {
  auto x = sample();
  x.volume_shares = no_volume;
  event_parser uut;
  CAF_CHECK(uut.parse(encode_event(x, session::pre, "test", x.end(), 0)).value
            == x);
}

CAF_TEST(the earlier pipelines form is read in US Eastern time) {
  event_parser uut;
  auto& winter =
      uut.parse(R"({"date":"2020-12-15 09:30:00","symbol":"tsla","open":"1.5",)"
                R"("low":"1.4","high":"1.7","close":"1.6"})");
  CAF_CHECK(winter.fault == event_fault::none);
  CAF_CHECK(winter.legacy);
  CAF_CHECK_EQUAL(winter.value.symbol, "TSLA");
  CAF_CHECK_EQUAL(winter.value.volume_shares, no_volume);
  CAF_CHECK_EQUAL(format_rfc3339(winter.value.start), "2020-12-15T14:30:00Z");
  auto& summer =
      uut.parse(R"({"date":"2020-07-15 09:30:00","symbol":"TSLA","open":"1.5",)"
                R"("low":"1.4","high":"1.7","close":"1.6"})");
  CAF_CHECK_EQUAL(format_rfc3339(summer.value.start), "2020-07-15T13:30:00Z");
}

CAF_TEST(garbage has a fault that names it) {
  CAF_CHECK_EQUAL(fault_of(""), "not_json");
  CAF_CHECK_EQUAL(fault_of("hello"), "not_json");
  CAF_CHECK_EQUAL(fault_of("[1,2]"), "not_an_object");
  CAF_CHECK_EQUAL(fault_of("42"), "not_an_object");
  CAF_CHECK_EQUAL(fault_of("{}"), "missing_field");
  CAF_CHECK_EQUAL(fault_of("{\"symbol\":\"TSLA\""), "not_json");
  CAF_CHECK_EQUAL(fault_of(std::string("{\"symbol\":\"\xff\xfe\"}")),
                  "not_utf8");
  CAF_CHECK_EQUAL(fault_of(std::string(1000000, 'x')), "too_large");
  CAF_CHECK_EQUAL(fault_of(std::string(100, '\0')), "not_json");
  CAF_CHECK_EQUAL(fault_of(event_with("open", "\"x\"")), "bad_number");
  CAF_CHECK_EQUAL(fault_of(event_with("open", "true")), "wrong_type");
  CAF_CHECK_EQUAL(fault_of(event_with("open", "{}")), "wrong_type");
  CAF_CHECK_EQUAL(fault_of(event_with("symbol", "7")), "wrong_type");
  CAF_CHECK_EQUAL(fault_of(event_with("open", "1e400")), "bad_number");
  CAF_CHECK_EQUAL(fault_of(event_with("open", "-10")), "invalid_bar");
  CAF_CHECK_EQUAL(fault_of(event_with("volume", "-1")), "invalid_bar");
  CAF_CHECK_EQUAL(fault_of(event_with("volume", "1.5")), "bad_number");
  CAF_CHECK_EQUAL(fault_of(event_with("high", "8")), "invalid_bar");
  CAF_CHECK_EQUAL(fault_of(event_with("timestamp", "\"soon\"")), "bad_time");
  CAF_CHECK_EQUAL(fault_of(event_with("timestamp", "\"2020-13-01T00:00:00Z\"")),
                  "bad_time");
  CAF_CHECK_EQUAL(fault_of(event_with("interval", "\"7min\"")), "bad_interval");
  CAF_CHECK_EQUAL(fault_of(event_with("symbol", "\"no such name\"")),
                  "invalid_bar");
  CAF_CHECK_EQUAL(fault_of(event_with("volume", "5") + " and more"),
                  "not_json");
  CAF_CHECK_EQUAL(fault_of(event_with("volume", "5")), "none");
}

CAF_TEST(not a number is never a price) {
  for (auto value : {"NaN", "nan", "Infinity", "\"NaN\"", "\"inf\""}) {
    CAF_MESSAGE(value);
    CAF_CHECK_NOT_EQUAL(fault_of(event_with("close", value)), "none");
  }
}

CAF_TEST(a good record after garbage is read) {
  event_parser uut;
  uut.parse("{\"symbol\": \"TSLA\", \"open\": [");
  CAF_CHECK(uut.parse(event_with("volume", "5")).fault == event_fault::none);
}

CAF_TEST(unknown fields do no harm) {
  CAF_CHECK_EQUAL(fault_of(event_with("volume", R"(5,"more":{"a":[1,2]})")),
                  "none");
}
