#define CAF_SUITE market

#include "market/bar.hpp"

#include "market/calendar.hpp"
#include "market/exchange_time.hpp"
#include "market/price.hpp"
#include "market/shard.hpp"

#include <caf/test/unit_test.hpp>

#include <limits>

using namespace tickerflow;

CAF_TEST(prices are exact to four decimals) {
  CAF_CHECK(parse_e4("424.1") == 4241000);
  CAF_CHECK(parse_e4("113.50399999999999") == 1135040);
  CAF_CHECK(parse_e4(" 0.0001 ") == 1);
  CAF_CHECK(parse_e4("-3") == -30000);
  CAF_CHECK_EQUAL(format_e4(4241000), "424.1");
  CAF_CHECK_EQUAL(format_e4(1), "0.0001");
  CAF_CHECK_EQUAL(format_e4(-30500), "-3.05");
  CAF_CHECK_EQUAL(format_e4(1'000'000), "100");
}

CAF_TEST(text that is no finite decimal is no price) {
  for (auto text : {"", " ", "nan", "inf", "-inf", "1,000", "0x10", "1e999",
                    "12abc", "--1", "$5"}) {
    CAF_MESSAGE(text);
    CAF_CHECK(!parse_e4(text));
  }
  CAF_CHECK(!to_e4(std::numeric_limits<double>::quiet_NaN()));
}

CAF_TEST(wall time is New York time in July and in December) {
  auto zone = std::string{"America/New_York"};
  CAF_CHECK_EQUAL(format_rfc3339(*parse_wall_time("2020-07-15 09:30:00", zone)),
                  "2020-07-15T13:30:00Z");
  CAF_CHECK_EQUAL(format_rfc3339(*parse_wall_time("2020-12-15 09:30", zone)),
                  "2020-12-15T14:30:00Z");
  CAF_CHECK_EQUAL(
      format_rfc3339(*parse_wall_time("2020-12-15 09:30:00", "US/Eastern")),
      "2020-12-15T14:30:00Z");
  CAF_CHECK_EQUAL(
      format_wall_time(*parse_rfc3339("2020-07-15T13:30:00Z"), zone),
      "2020-07-15 09:30:00");
}

CAF_TEST(a wall time that the clocks skipped is no time) {
  // 2020-03-08 02:00 became 03:00 in New York.
  CAF_CHECK(!parse_wall_time("2020-03-08 02:30:00", "America/New_York"));
  CAF_CHECK(!parse_wall_time("2020-02-30 10:00:00", "America/New_York"));
  CAF_CHECK(!parse_wall_time("2020-01-01 10:00:00", "Mars/Olympus"));
  CAF_CHECK(!parse_wall_time("tomorrow", "America/New_York"));
}

CAF_TEST(offsets in RFC 3339 are honoured) {
  auto utc = parse_rfc3339("2020-11-27T14:30:00Z");
  CAF_CHECK(utc == parse_rfc3339("2020-11-27T09:30:00-05:00"));
  CAF_CHECK(utc == parse_rfc3339("2020-11-27T14:30:00.123Z"));
  CAF_CHECK(!parse_rfc3339("2020-11-27T14:30:00"));
  CAF_CHECK(!parse_rfc3339("2020-11-27T14:30:00.Z"));
}

CAF_TEST(the calendar knows sessions holidays and half days) {
  auto& days = nyse();
  auto noon = parse_rfc3339("2020-11-27T17:00:00Z");
  auto half = days.day_at(*noon);
  CAF_REQUIRE(half);
  CAF_CHECK(half->early_close);
  CAF_CHECK_EQUAL(format_rfc3339(half->close), "2020-11-27T18:00:00Z");
  CAF_CHECK_EQUAL(format_rfc3339(half->post_close), "2020-11-27T22:00:00Z");
  CAF_CHECK(!days.day_at(*parse_rfc3339("2020-11-26T17:00:00Z"))); // holiday
  CAF_CHECK(!days.day_at(*parse_rfc3339("2020-11-28T17:00:00Z"))); // Saturday
  auto summer = days.day_at(*parse_rfc3339("2020-07-15T13:30:00Z"));
  CAF_REQUIRE(summer);
  CAF_CHECK_EQUAL(format_rfc3339(summer->open), "2020-07-15T13:30:00Z");
  CAF_CHECK_EQUAL(format_rfc3339(summer->pre_open), "2020-07-15T08:00:00Z");
  CAF_CHECK(summer->session_at(summer->open) == session::regular);
  CAF_CHECK(summer->session_at(summer->open - std::chrono::seconds{1})
            == session::pre);
  CAF_CHECK(summer->session_at(summer->close) == session::post);
  CAF_CHECK(!summer->session_at(summer->post_close));
}

CAF_TEST(regular sessions last six and a half hours on full days) {
  for (auto& day : nyse().days())
    if (!day.early_close && day.close - day.open != std::chrono::minutes{390})
      CAF_FAIL("not a full day: " << format_rfc3339(day.open));
  CAF_CHECK_GREATER(nyse().days().size(), 11000u);
}

CAF_TEST(symbols hash to partitions as in any Kafka client) {
  // Values of org.apache.kafka.common.utils.Utils.murmur2 (UtilsTest.java).
  CAF_CHECK_EQUAL(static_cast<std::int32_t>(murmur2("21")), -973932308);
  CAF_CHECK_EQUAL(static_cast<std::int32_t>(murmur2("foobar")), -790332482);
  CAF_CHECK_EQUAL(
      static_cast<std::int32_t>(murmur2("a-little-bit-long-string")),
      -985981536);
  CAF_CHECK_EQUAL(
      static_cast<std::int32_t>(murmur2("a-little-bit-longer-string")),
      -1486304829);
  CAF_CHECK_EQUAL(static_cast<std::int32_t>(murmur2(
                      "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")),
                  -58897971);
  CAF_CHECK_EQUAL(static_cast<std::int32_t>(murmur2("abc")), 479470107);
}

CAF_TEST(faults of a bar are found) {
  bar x;
  x.symbol = "ACME";
  x.open_e4 = x.high_e4 = x.low_e4 = x.close_e4 = 100000;
  CAF_CHECK(check(x) == bar_fault::none);
  auto y = x;
  y.high_e4 = 90000;
  CAF_CHECK(check(y) == bar_fault::high_below_low);
  y = x;
  y.open_e4 = 200000;
  CAF_CHECK(check(y) == bar_fault::open_outside_range);
  y = x;
  y.low_e4 = 0;
  CAF_CHECK(check(y) == bar_fault::price_not_positive);
  y = x;
  y.volume_shares = -7;
  CAF_CHECK(check(y) == bar_fault::negative_volume);
  y = x;
  y.interval = std::chrono::seconds{90};
  CAF_CHECK(check(y) == bar_fault::bad_interval);
  y = x;
  y.symbol = "acme corp";
  CAF_CHECK(check(y) == bar_fault::no_symbol);
}
