#define CAF_SUITE legacy_times

#include "io/legacy/time_detection.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdlib>
#include <date/tz.h>
#include <random>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

wall_time wall(std::string_view text) {
  auto result = parse_legacy_time(text);
  CAF_REQUIRE(result);
  return *result;
}

std::string instant(const time_reading& x, std::string_view text) {
  auto found = time_reader{x}.at(wall(text));
  return found.first ? format_rfc3339(*found.first) : "none";
}

/// What a clock in a zone shows at an instant.
wall_time shown(timestamp t, const std::string& zone) {
  return date::locate_zone(zone)
      ->to_local(date::sys_seconds{t})
      .time_since_epoch();
}

/// The inverse of a reading: what the earlier pipeline made of an instant.
wall_time stored_as(timestamp t, const time_reading& x) {
  auto instant = t;
  if (!x.taken_for.empty()) {
    // New York's wall time, as if it were another zone's.
    auto found = date::locate_zone(x.taken_for)
                     ->get_info(date::local_seconds{shown(t, exchange_zone)});
    instant = timestamp{shown(t, exchange_zone) - found.first.offset};
  }
  return shown(instant, x.zone) - x.shift;
}

struct bars_of_days {
  std::string from = "2020-10-19"; // two weeks on either side of 1 November
  int days = 20;
  std::chrono::seconds interval = 5min;
  std::chrono::seconds first = 0h; // after the open
  std::chrono::seconds last = 6h + 30min;
};

template <class F>
void for_each_start(const bars_of_days& x, F f) {
  auto day = nyse().next_on_or_after(
      date::floor<date::days>(*parse_wall_time(x.from, "UTC")));
  for (int i = 0; i < x.days; ++i, ++day)
    for (auto t = day->open + x.first;
         t < day->open + x.last && t < day->post_close; t += x.interval)
      if (t >= day->pre_open)
        f(t);
}

using histograms = std::map<std::chrono::seconds, wall_histogram>;

histograms table_of(const bars_of_days& x, const time_reading& how) {
  histograms result;
  for_each_start(x,
                 [&](timestamp t) { ++result[x.interval][stored_as(t, how)]; });
  return result;
}

time_detection detect(const histograms& x) {
  return detect_times(x, bar_label::start, nyse());
}

} // namespace

CAF_TEST(times are read in every form that a sink writes) {
  auto wanted = wall("2023-11-02 09:30:00");
  for (auto text : {"2023-11-02 09:30", " 2023-11-02 09:30:00 ",
                    "2023-11-02T09:30:00", "2023-11-02 09:30:00.0",
                    "2023-11-02T09:30:00.000Z", "2023-11-02 09:30:00+00",
                    "2023-11-02 05:30:00-04", "2023-11-02T05:30:00.000-04:00",
                    "2023-11-02 15:00:00+05:30", "2023-11-02T05:30:00-0400"})
    CAF_CHECK_EQUAL(wall(text).count(), wanted.count());
  for (auto text : {"", "now", "2023-13-02 09:30", "2023-02-30 09:30",
                    "02.11.2023 09:30", "2023-11-02 09:30:00.", "Z", "+00",
                    "2023-11-02 09:30:00.x", "1698931800"})
    CAF_CHECK(!parse_legacy_time(text));
}

CAF_TEST(each reading undoes its error in summer and in winter) {
  time_reading plain;
  CAF_CHECK_EQUAL(instant(plain, "2020-07-01 09:30"), "2020-07-01T13:30:00Z");
  CAF_CHECK_EQUAL(instant(plain, "2020-12-01 09:30"), "2020-12-01T14:30:00Z");
  time_reading utc{0s, "UTC", ""};
  CAF_CHECK_EQUAL(instant(utc, "2020-07-01 13:30"), "2020-07-01T13:30:00Z");
  // 09:30 taken for UTC and shown in New York: 4 or 5 hours early.
  time_reading mistaken{0s, exchange_zone, "UTC"};
  CAF_CHECK_EQUAL(instant(mistaken, "2020-07-01 05:30"),
                  "2020-07-01T13:30:00Z");
  CAF_CHECK_EQUAL(instant(mistaken, "2020-12-01 04:30"),
                  "2020-12-01T14:30:00Z");
  time_reading shifted{-9h, exchange_zone, ""};
  CAF_CHECK_EQUAL(instant(shifted, "2020-12-01 18:30"), "2020-12-01T14:30:00Z");
}

CAF_TEST(a skipped hour is no instant and a repeated one is two) {
  time_reader uut{{}};
  CAF_CHECK(!uut.at(wall("2020-03-08 02:30")).first);
  auto twice = uut.at(wall("2020-11-01 01:30"));
  CAF_REQUIRE(twice.first && twice.second);
  CAF_CHECK(*twice.second - *twice.first == 1h);
}

CAF_TEST(shifts are read and written) {
  CAF_CHECK(parse_shift("+5h") == 5h);
  CAF_CHECK(parse_shift("-4h30m") == -(4h + 30min));
  CAF_CHECK(parse_shift("90m") == 90min);
  for (auto text : {"", "+", "5", "h", "5x", "1h-2m", "9999999999h"})
    CAF_CHECK(!parse_shift(text));
  CAF_CHECK_EQUAL(format_shift(-(4h + 30min)), "-4h30m");
  CAF_CHECK_EQUAL(format_shift(30min), "+30m");
  CAF_CHECK_EQUAL(format_shift(0s), "+0h");
}

CAF_TEST(times without an error are found to have none) {
  auto found = detect(table_of({}, {}));
  CAF_REQUIRE(found.result == time_detection::outcome::found);
  CAF_CHECK_EQUAL(to_string(found.reading), "--zone America/New_York");
  CAF_CHECK_EQUAL(found.in_session, 1.0);
}

CAF_TEST(known zone errors are found over a change of the clocks) {
  std::vector<time_reading> errors{
      {0s, "UTC", ""},           {0s, exchange_zone, "UTC"},
      {-5h, exchange_zone, ""},  {0s, "Europe/Berlin", ""},
      {0s, "Asia/Tokyo", "UTC"}, {0s, "Asia/Kolkata", ""},
  };
  for (auto& x : errors) {
    auto found = detect(table_of({}, x));
    CAF_MESSAGE(to_string(x) << ": " << found.reason);
    CAF_REQUIRE(found.result == time_detection::outcome::found);
    CAF_CHECK_EQUAL(to_string(found.reading), to_string(x));
  }
}

CAF_TEST(a table of a few hours is not guessed at) {
  bars_of_days noon;
  noon.first = 2h;
  noon.last = 4h;
  auto found = detect(table_of(noon, {}));
  CAF_CHECK(found.result == time_detection::outcome::ambiguous);
  CAF_CHECK_NOT_EQUAL(found.reason.find("--zone"), std::string::npos);
  // 05:30 to 11:00 would make nearly whole days four hours later.
  bars_of_days morning;
  morning.first = -4h;
  morning.last = 1h + 30min;
  CAF_CHECK(detect(table_of(morning, {})).result
            != time_detection::outcome::found);
  CAF_CHECK(detect({}).result != time_detection::outcome::found);
}

CAF_TEST(an error that came in the middle is told with its date) {
  bars_of_days before;
  before.from = "2020-06-01";
  auto table = table_of(before, {});
  bars_of_days after;
  after.from = "2020-08-03";
  for (auto& [interval, times] : table_of(after, {0s, "UTC", ""}))
    table[interval].insert(times.begin(), times.end());
  auto found = detect(table);
  CAF_CHECK(found.result == time_detection::outcome::mixed);
  CAF_CHECK_NOT_EQUAL(found.reason.find("from 2020-06-01"), std::string::npos);
  CAF_CHECK_NOT_EQUAL(found.reason.find("from 2020-08-03"), std::string::npos);
  CAF_CHECK_NOT_EQUAL(found.reason.find("--since"), std::string::npos);
}

CAF_TEST(labels that are ends of bars are noticed) {
  histograms table;
  bars_of_days x;
  for_each_start(x, [&](timestamp t) {
    ++table[x.interval][shown(t + x.interval, exchange_zone)];
  });
  auto found = detect(table);
  CAF_CHECK(found.result == time_detection::outcome::ends);
  CAF_CHECK_NOT_EQUAL(found.reason.find("--label end"), std::string::npos);
  auto told = detect_times(table, bar_label::end, nyse());
  CAF_REQUIRE(told.result == time_detection::outcome::found);
  CAF_CHECK_EQUAL(to_string(told.reading), "--zone America/New_York");
}

CAF_TEST(a reading is never found that moves a bar) {
  auto text = std::getenv("LEGACY_TIMES_SEED");
  auto seed = text ? std::strtoull(text, nullptr, 10)
                   : std::random_device{}() % 1'000'000;
  CAF_MESSAGE("seed " << seed << " (LEGACY_TIMES_SEED gives it back)");
  std::mt19937_64 random{seed};
  auto below = [&](int n) { return static_cast<int>(random() % unsigned(n)); };
  const char* zones[] = {"America/New_York", "UTC",        "Europe/London",
                         "Europe/Berlin",    "Asia/Tokyo", "America/Chicago",
                         "Asia/Kolkata",     "Asia/Dubai", "Pacific/Auckland"};
  int found = 0;
  for (int round = 0; round < 60; ++round) {
    time_reading truth;
    truth.zone = zones[below(9)];
    if (below(2))
      truth.taken_for = "UTC";
    if (below(3) == 0)
      truth = {std::chrono::minutes{30 * (below(50) - 25)}, exchange_zone, ""};
    bars_of_days x;
    x.from = "2020-" + std::string{"0"} + std::to_string(1 + below(9)) + "-1"
             + std::to_string(below(10));
    x.days = 1 + below(60);
    x.interval = below(2) ? std::chrono::seconds{5min} : 1min;
    if (below(2)) { // with the hours around the session
      x.first = -5h - 30min;
      x.last = 10h + 30min;
    } else if (below(3) == 0) { // only a part of the day
      x.first = 30min * (below(12) - 6);
      x.last = x.first + 30min * (1 + below(11));
    }
    auto density =
        1 + below(100); // per cent of the bars outside of 09:30-16:00
    histograms table;
    std::vector<timestamp> instants;
    for_each_start(x, [&](timestamp t) {
      auto regular = *nyse().day_at(t)->session_at(t) == session::regular;
      if (below(100) >= (regular ? 98 : density))
        return;
      ++table[x.interval][stored_as(t, truth)];
      instants.push_back(t);
    });
    auto result = detect(table);
    if (result.result != time_detection::outcome::found)
      continue;
    ++found;
    time_reader reader{result.reading};
    for (auto t : instants) {
      auto at = reader.at(stored_as(t, truth));
      if (at.first != t && at.second != t) {
        CAF_FAIL("round " << round << " from " << x.from << " days " << x.days
                          << " interval " << x.interval.count() << " density "
                          << density << ": told " << to_string(truth)
                          << ", found " << to_string(result.reading) << ", "
                          << format_rfc3339(t) << " became "
                          << (at.first ? format_rfc3339(*at.first) : "none"));
      }
    }
  }
  CAF_MESSAGE(found << " of 60 found, the others refused");
  CAF_CHECK_GREATER(found, 10);
}

CAF_TEST(the interval of a ticker is that of its days) {
  survey uut;
  auto put = [&](const std::string& symbol, std::chrono::minutes step, int day,
                 int count) {
    for (int i = 0; i < count; ++i) {
      legacy_row x;
      x.symbol = symbol;
      x.date = format_wall_time(*parse_wall_time("2023-11-01 09:30", "UTC")
                                    + 24h * day + step * i,
                                "UTC");
      x.times = 3;
      uut.take(x);
    }
  };
  put("five", 5min, 0, 78);
  put("five", 5min, 1, 78);
  for (int day = 0; day < 20; ++day)
    put("MIXED", day < 10 ? 1min : 5min, day, 30);
  put("ONE ", 1min, 0, 390);
  put("SIXTY", 60min, 0, 12);
  put("THIN", 1min, 0, 2);
  put("not a symbol", 1min, 0, 9);
  uut.finish();
  auto& found = uut.tickers();
  CAF_CHECK_EQUAL(found.size(), 5u);
  CAF_CHECK(found.at("FIVE").interval == 5min);
  CAF_CHECK(found.at("ONE").interval == 1min);
  CAF_CHECK_EQUAL(interval_fault("FIVE", found.at("FIVE")), "");
  CAF_CHECK_EQUAL(found.at("ONE").rows, 3 * 390);
  CAF_CHECK_EQUAL(uut.times().at(5min).size(), 156u);
  for (auto symbol : {"MIXED", "SIXTY", "THIN"})
    CAF_CHECK_NOT_EQUAL(interval_fault(symbol, found.at(symbol)), "");
  survey told{{{{"THIN", 5min}}, 0s}};
  legacy_row x;
  x.symbol = "THIN";
  x.date = "2023-11-01 09:30";
  told.take(x);
  told.finish();
  CAF_CHECK(told.tickers().at("THIN").interval == 5min);
  CAF_CHECK_EQUAL(interval_fault("THIN", told.tickers().at("THIN")), "");
}
