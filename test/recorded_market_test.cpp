#define CAF_SUITE recorded_market

#include "io/simulator/recorded_market.hpp"

#include "io/simulator/gunzip.hpp"
#include "io/simulator/texts.hpp"
#include "market/calendar.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <fstream>
#include <stdexcept>

using namespace tickerflow;
using namespace tickerflow::sim;
using namespace date::literals;

namespace {

const recorded_market& market() {
  static auto instance = recorded_market::embedded();
  return instance;
}

timestamp at(const std::string& text) { return *parse_instant(text); }

size_t count(const bar_series& bars, const trading_day& day, session part) {
  return static_cast<size_t>(
      std::count_if(bars.begin(), bars.end(), [&](const plain_bar& x) {
        return day.session_at(x.start) == part;
      }));
}

std::string reason_of(const std::string& folder) {
  try {
    recorded_market::in_folder(folder);
  } catch (const std::runtime_error& x) {
    return x.what();
  }
  return "";
}

} // namespace

CAF_TEST(a recording has every row that its manifest promises) {
  std::ifstream manifest{TICKERFLOW_SOURCE_DIR "/data/recorded/MANIFEST.csv"};
  std::string line;
  std::getline(manifest, line);
  auto files = 0;
  for (; std::getline(manifest, line); ++files) {
    auto cells = split_text(line, ',');
    auto recording = market().find(cells[1]);
    CAF_REQUIRE(recording);
    CAF_CHECK_EQUAL(std::to_string(recording->bars().size()),
                    std::string{cells[8]});
    size_t regular = 0;
    for (auto& x : recording->bars()) {
      auto day = nyse().day_at(x.start);
      regular += day && day->session_at(x.start) == session::regular;
    }
    CAF_CHECK_EQUAL(std::to_string(regular), std::string{cells[9]});
  }
  CAF_CHECK_EQUAL(files, 8);
}

CAF_TEST(bars are served by their start though recorded by their end) {
  auto& bars = market().find("AAPL")->bars();
  // Recorded as 2020-10-26 04:01 and 2021-01-08 20:00, New York.
  CAF_CHECK_EQUAL(format_rfc3339(bars.front().start), "2020-10-26T08:00:00Z");
  CAF_CHECK_EQUAL(format_rfc3339(bars.back().start), "2021-01-09T00:59:00Z");
}

CAF_TEST(the session moves by an hour in UTC when the clocks change) {
  auto opens_at = [](date::sys_days date) {
    auto bars = market().find("AAPL")->day(date);
    auto day = nyse().day_on(date);
    auto first =
        std::find_if(bars.begin(), bars.end(), [day](const plain_bar& x) {
          return x.start >= day->open;
        });
    return format_rfc3339(first->start);
  };
  CAF_CHECK_EQUAL(opens_at(2020_y / 10 / 30), "2020-10-30T13:30:00Z");
  CAF_CHECK_EQUAL(opens_at(2020_y / 11 / 2), "2020-11-02T14:30:00Z");
}

CAF_TEST(the half day after Thanksgiving ends at one and goes on after hours) {
  auto bars = market().find("AAPL")->day(2020_y / 11 / 27);
  auto& day = *nyse().day_on(2020_y / 11 / 27);
  CAF_CHECK_EQUAL(count(bars, day, session::regular), 210u);
  CAF_CHECK_EQUAL(count(bars, day, session::post), 43u);
  CAF_CHECK(market().find("AAPL")->day(2020_y / 11 / 26).empty());
}

CAF_TEST(prices with float tails are rounded to four decimals) {
  // 113.50399999999999,113.5838,113.3043,113.3043,12653
  auto& x = market().find("AAPL")->bars().front();
  CAF_CHECK_EQUAL(x.open_e4, 1135040);
  CAF_CHECK_EQUAL(x.high_e4, 1135838);
  CAF_CHECK_EQUAL(x.low_e4, 1133043);
  CAF_CHECK_EQUAL(x.close_e4, 1133043);
  CAF_CHECK_EQUAL(x.volume_shares, 12653);
}

CAF_TEST(GOOGL is not served from the recording of GOOG) {
  CAF_CHECK(market().find("GOOG") != nullptr);
  CAF_CHECK(market().find("GOOGL") == nullptr);
}

CAF_TEST(a folder holds the same as the program) {
  auto folder =
      recorded_market::in_folder(TICKERFLOW_SOURCE_DIR "/data/recorded");
  CAF_CHECK_EQUAL(folder.symbols(), market().symbols());
  CAF_CHECK_EQUAL(folder.find("TSLA")->bars().size(),
                  market().find("TSLA")->bars().size());
}

CAF_TEST(a folder without manifest is refused with its path) {
  auto reason = reason_of("/nowhere");
  CAF_CHECK(reason.find("/nowhere/MANIFEST.csv") != std::string::npos);
}

CAF_TEST(a cut file is refused with its name) {
  std::string cut{"\x1f\x8b\x08\0\0\0\0\0", 8};
  try {
    gunzip(cut, "ACME.csv.gz");
    CAF_FAIL("taken");
  } catch (const std::runtime_error& x) {
    CAF_CHECK_EQUAL(std::string{x.what()},
                    "ACME.csv.gz is no gzip file, or is cut");
  }
}

CAF_TEST(wider bars sit on the clock hour and add up) {
  auto minutes = market().find("TSLA")->day(2020_y / 11 / 2);
  auto hours = aggregate(minutes, std::chrono::minutes(60));
  std::int64_t volume = 0;
  for (auto& x : minutes)
    volume += x.volume_shares;
  std::int64_t hourly = 0;
  for (auto& x : hours) {
    hourly += x.volume_shares;
    CAF_CHECK_EQUAL(x.start, floor_to(x.start, std::chrono::minutes(60)));
  }
  CAF_CHECK_EQUAL(volume, hourly);
  CAF_CHECK_EQUAL(hours.front().start, at("2020-11-02 04:00"));
  CAF_CHECK_EQUAL(hours.front().open_e4, minutes.front().open_e4);
  CAF_CHECK_EQUAL(hours.back().close_e4, minutes.back().close_e4);
}
