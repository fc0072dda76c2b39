#define CAF_SUITE market_clock

#include "io/simulator/market_clock.hpp"

#include "io/simulator/texts.hpp"
#include "market/exchange_time.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>
#include <fstream>
#include <stdexcept>

#include <unistd.h>

using namespace tickerflow;
using namespace tickerflow::sim;
using namespace std::chrono_literals;

namespace {

const market_clock::steady::time_point zero{};

timestamp at(const std::string& text) { return *parse_instant(text); }

std::string wall(sim_time t) {
  return format_wall_time(date::floor<std::chrono::seconds>(t), exchange_zone);
}

std::string after(const std::string& from, std::chrono::nanoseconds by) {
  return wall(advance_open(nyse(), at(from), by));
}

std::string file_name() {
  return "/tmp/tickerflow-clock-" + std::to_string(::getpid());
}

} // namespace

CAF_TEST(the clock runs as much faster as it was told) {
  market_clock uut{nyse(), at("2020-11-02 09:25"), 60, false, zero};
  CAF_CHECK_EQUAL(wall(uut.now(zero)), "2020-11-02 09:25:00");
  CAF_CHECK_EQUAL(wall(uut.now(zero + 90s)), "2020-11-02 10:55:00");
  CAF_CHECK_EQUAL(wall(uut.now(zero + 1500ms + 90s)), "2020-11-02 10:56:30");
}

CAF_TEST(the night and the weekend pass when nothing is skipped) {
  market_clock uut{nyse(), at("2020-11-06 19:59"), 60, false, zero};
  CAF_CHECK_EQUAL(wall(uut.now(zero + 2s)), "2020-11-06 20:01:00");
}

CAF_TEST(the clock passes over night and weekend) {
  CAF_CHECK_EQUAL(after("2020-11-05 19:59", 1min), "2020-11-06 04:00:00");
  CAF_CHECK_EQUAL(after("2020-11-06 19:59", 2min), "2020-11-09 04:01:00");
  CAF_CHECK_EQUAL(after("2020-11-07 12:00", 0min), "2020-11-09 04:00:00");
  // Over the change of the clocks on 2020-11-01.
  CAF_CHECK_EQUAL(after("2020-10-30 19:59", 90min), "2020-11-02 05:29:00");
}

CAF_TEST(the clock passes over a holiday and stays in a half day to five) {
  CAF_CHECK_EQUAL(after("2020-11-25 19:59", 1min), "2020-11-27 04:00:00");
  CAF_CHECK_EQUAL(after("2020-11-27 16:59", 30s), "2020-11-27 16:59:30");
  CAF_CHECK_EQUAL(after("2020-11-27 16:59", 1min), "2020-11-30 04:00:00");
}

CAF_TEST(many small steps end where a big one does) {
  market_clock uut{nyse(), at("2020-10-26 04:00"), 3600, true, zero};
  for (auto i = 0; i < 3200; ++i)
    uut.now(zero + i * 50ms);
  // 16 h a day: 160 h are 10 days, from Monday to Friday in a week.
  CAF_CHECK_EQUAL(wall(uut.now(zero + 160s)), "2020-11-09 04:00:00");
}

CAF_TEST(a clock of speed zero stands still) {
  market_clock uut{nyse(), at("2020-11-02 09:25"), 0, false, zero};
  CAF_CHECK_EQUAL(wall(uut.now(zero + 1h)), "2020-11-02 09:25:00");
  uut.set_now(at("2020-11-02 09:35"), zero + 2h);
  CAF_CHECK_EQUAL(wall(uut.now(zero + 3h)), "2020-11-02 09:35:00");
}

CAF_TEST(a new speed does not move the time that was reached) {
  market_clock uut{nyse(), at("2020-11-02 09:25"), 60, false, zero};
  uut.set_speed(1, zero + 60s);
  CAF_CHECK_EQUAL(wall(uut.now(zero + 90s)), "2020-11-02 10:25:30");
}

CAF_TEST(a stored time is read again) {
  auto path = file_name();
  CAF_CHECK(!load_clock(path));
  store_clock(path, at("2020-11-02 09:25"));
  store_clock(path, at("2020-11-02 09:26"));
  auto stored = load_clock(path);
  CAF_REQUIRE(stored);
  CAF_CHECK_EQUAL(*stored, at("2020-11-02 09:26"));
  std::remove(path.c_str());
}

CAF_TEST(a file that holds no time is refused with what to do) {
  auto path = file_name();
  std::ofstream{path} << "yesterday\n";
  std::string reason;
  try {
    load_clock(path);
  } catch (const std::runtime_error& x) {
    reason = x.what();
  }
  CAF_CHECK(reason.find(path) != std::string::npos);
  CAF_CHECK(reason.find("delete it") != std::string::npos);
  std::remove(path.c_str());
}
