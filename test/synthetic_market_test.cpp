#define CAF_SUITE synthetic_market

#include "io/simulator/served_market.hpp"
#include "io/simulator/synthetic_market.hpp"

#include "market/exchange_time.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>

using namespace tickerflow;
using namespace tickerflow::sim;
using namespace date::literals;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t seed = 1;

synthetic_market fresh() { return {seed, nyse()}; }

bool same(const bar_series& x, const bar_series& y) {
  return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                    [](const plain_bar& a, const plain_bar& b) {
                      return complete(a, "X", 1min) == complete(b, "X", 1min);
                    });
}

std::string ticker(int number) {
  std::string result = "AAA";
  for (auto& c : result) {
    c = static_cast<char>('A' + number % 26);
    number /= 26;
  }
  return result;
}

plain_bar first_regular(const bar_series& bars) {
  auto day = nyse().day_at(bars.front().start);
  return *std::find_if(bars.begin(), bars.end(), [day](const plain_bar& x) {
    return x.start >= day->open;
  });
}

plain_bar last_regular(const bar_series& bars) {
  auto day = nyse().day_at(bars.front().start);
  return *std::find_if(bars.rbegin(), bars.rend(), [day](const plain_bar& x) {
    return x.start < day->close;
  });
}

} // namespace

CAF_TEST(a day is the same whenever it is asked for) {
  auto uut = fresh();
  auto alone = uut.day("GOOGL", 2026_y / 11 / 23);
  for (auto& day : {2026_y / 11 / 20, 2020_y / 1 / 2, 2034_y / 6 / 1})
    uut.day("GOOGL", day);
  CAF_CHECK(!alone.empty());
  CAF_CHECK(same(alone, uut.day("GOOGL", 2026_y / 11 / 23)));
  CAF_CHECK(same(alone, fresh().day("GOOGL", 2026_y / 11 / 23)));
}

CAF_TEST(seed and symbol and date make another day) {
  auto uut = fresh();
  auto day = uut.day("GOOGL", 2026_y / 11 / 23);
  CAF_CHECK(!same(day, uut.day("GOOG", 2026_y / 11 / 23)));
  CAF_CHECK(!same(day, uut.day("GOOGL", 2026_y / 11 / 24)));
  synthetic_market other{seed + 1, nyse()};
  CAF_CHECK(!same(day, other.day("GOOGL", 2026_y / 11 / 23)));
}

CAF_TEST(every bar of a thousand tickers can be used) {
  auto uut = fresh();
  size_t bars = 0;
  size_t wrong = 0;
  for (auto i = 0; i < 1000; ++i) {
    auto symbol = ticker(i);
    auto previous = timestamp::min();
    for (auto& x : uut.day(symbol, 2026_y / 11 / 23)) {
      ++bars;
      wrong += check(complete(x, symbol, 1min)) != bar_fault::none
               || x.start <= previous || x.start.time_since_epoch() % 60s != 0s;
      previous = x.start;
    }
  }
  CAF_CHECK_EQUAL(wrong, 0u);
  CAF_CHECK_GREATER(bars, 390'000u);
}

CAF_TEST(prices stay possible from 1990 to 2035) {
  auto uut = fresh();
  for (auto i = 0; i < 200; ++i)
    for (auto year = 1990; year <= 2035; ++year) {
      auto price = uut.close_on(ticker(i), date::year{year} / 7 / 1);
      CAF_REQUIRE(price > 0.01 && price < 1e6);
    }
  CAF_CHECK(true);
}

CAF_TEST(the session opens at half past nine New York in July and December) {
  auto uut = fresh();
  auto opens_at = [&uut](date::sys_days date) {
    return format_rfc3339(first_regular(uut.day("GOOGL", date)).start);
  };
  CAF_CHECK_EQUAL(opens_at(2026_y / 7 / 15), "2026-07-15T13:30:00Z");
  CAF_CHECK_EQUAL(opens_at(2026_y / 12 / 15), "2026-12-15T14:30:00Z");
}

CAF_TEST(no bar is outside the sessions) {
  auto uut = fresh();
  for (auto date : {2026_y / 7 / 15, 2020_y / 11 / 27, 2026_y / 12 / 24}) {
    auto bars = uut.day("GOOGL", date);
    auto day = nyse().day_on(date);
    CAF_CHECK(bars.front().start >= day->pre_open);
    CAF_CHECK(bars.back().start < day->post_close);
  }
}

CAF_TEST(a half day has 210 regular minutes and an after market to five) {
  auto bars = fresh().day("GOOGL", 2020_y / 11 / 27);
  CAF_CHECK_EQUAL(format_rfc3339(last_regular(bars).start),
                  "2020-11-27T17:59:00Z");
  CAF_CHECK(bars.back().start < *parse_rfc3339("2020-11-27T22:00:00Z"));
  CAF_CHECK(bars.back().start > *parse_rfc3339("2020-11-27T18:30:00Z"));
}

CAF_TEST(days without session have no bars) {
  auto uut = fresh();
  CAF_CHECK(uut.day("GOOGL", 2026_y / 11 / 22).empty()); // Sunday
  CAF_CHECK(uut.day("GOOGL", 2026_y / 11 / 26).empty()); // Thanksgiving
}

CAF_TEST(trading is livelier at both ends of the session) {
  auto uut = fresh();
  double ends = 0;
  double middle = 0;
  for (auto i = 0; i < 50; ++i) {
    auto day = nyse().day_on(2026_y / 11 / 23);
    for (auto& x : uut.day(ticker(i), 2026_y / 11 / 23)) {
      auto into = x.start - day->open;
      auto shares = static_cast<double>(x.volume_shares);
      if (into > 0s && into <= 30min)
        ends += shares;
      if (into >= 180min && into < 210min)
        middle += shares;
      if (into >= 360min && into < 390min)
        ends += shares;
    }
  }
  CAF_CHECK_GREATER(ends / 2, 1.5 * middle);
}

CAF_TEST(the night moves a price but does not lose it) {
  auto uut = fresh();
  size_t moved = 0;
  for (auto i = 0; i < 20; ++i) {
    auto symbol = ticker(i);
    auto splits = uut.splits(symbol);
    std::optional<double> close;
    for (date::sys_days date = 2026_y / 1 / 2; date < 2026_y / 3 / 31;
         date += date::days(1)) {
      auto bars = uut.day(symbol, date);
      if (bars.empty())
        continue;
      auto is_split = std::any_of(splits.begin(), splits.end(),
                                  [date](auto& x) { return x.date == date; });
      auto open = static_cast<double>(first_regular(bars).open_e4);
      if (close && !is_split) {
        auto gap = std::abs(std::log(open / *close));
        CAF_REQUIRE(gap < 0.15);
        moved += gap > 0.001;
      }
      close = static_cast<double>(last_regular(bars).close_e4);
    }
  }
  CAF_CHECK_GREATER(moved, 600u); // of 20 tickers * 60 nights
}

CAF_TEST(adjusting takes the jump of a split away) {
  served_market uut{recorded_market::embedded(), seed, nyse(), {}};
  auto market = fresh();
  auto found = 0;
  for (auto i = 0; i < 60; ++i) {
    auto symbol = ticker(i);
    for (auto& x : market.splits(symbol)) {
      auto before = x.date - date::days(1);
      while (!nyse().day_on(before))
        before -= date::days(1);
      auto bars = uut.day(symbol, before);
      auto open =
          static_cast<double>(first_regular(uut.day(symbol, x.date)).open_e4);
      auto jump = last_regular(bars).close_e4 / open;
      CAF_CHECK(jump > x.ratio * 0.85 && jump < x.ratio * 1.18);
      uut.adjust(bars, symbol, before, before); // not known yet
      CAF_CHECK_EQUAL(last_regular(bars).close_e4 / open, jump);
      uut.adjust(bars, symbol, before, x.date);
      auto adjusted = last_regular(bars).close_e4 / open;
      CAF_CHECK(adjusted > 0.85 && adjusted < 1.18);
      ++found;
    }
  }
  CAF_CHECK_GREATER(found, 50);
}

CAF_TEST(on some days trading halts for five minutes or more) {
  auto uut = fresh();
  auto halts = 0;
  for (auto i = 0; i < 300; ++i) {
    auto bars = uut.day(ticker(i), 2026_y / 11 / 23);
    auto day = nyse().day_on(2026_y / 11 / 23);
    for (size_t j = 1; j < bars.size(); ++j)
      halts += bars[j - 1].start >= day->open && bars[j].start < day->close
               && bars[j].start - bars[j - 1].start > 5min;
  }
  CAF_CHECK(halts >= 1 && halts <= 30); // 2 % of 300 days are 6
}

CAF_TEST(invented days meet the recorded price at both ends) {
  served_market uut{recorded_market::embedded(), seed, nyse(), {}};
  auto log_ratio = [](std::int64_t x_e4, std::int64_t y_e4) {
    return std::abs(
        std::log(static_cast<double>(x_e4) / static_cast<double>(y_e4)));
  };
  for (auto& symbol : uut.recorded().symbols()) {
    auto& recorded = uut.recorded().find(symbol)->bars();
    auto before = uut.day(symbol, 2020_y / 10 / 23);
    auto after = uut.day(symbol, 2021_y / 1 / 11);
    CAF_CHECK_LESS(
        log_ratio(last_regular(before).close_e4, recorded.front().open_e4),
        0.01);
    CAF_CHECK_LESS(
        log_ratio(first_regular(after).open_e4, recorded.back().close_e4),
        0.15);
  }
}

CAF_TEST(what looks like a US ticker is known and nothing else) {
  served_market any{recorded_market::embedded(), seed, nyse(), {}};
  for (auto symbol : {"A", "IBM", "GOOGL", "BRK.B", "BRK-B"})
    CAF_CHECK(any.knows(symbol));
  for (auto symbol : {"", "NOSUCH", "TSCO.LON", "X1", "BRK.", "ibm"})
    CAF_CHECK(!any.knows(symbol));
  served_market two{recorded_market::embedded(), seed, nyse(), {"IBM", "A"}};
  CAF_CHECK(two.knows("IBM"));
  CAF_CHECK(!two.knows("TSLA"));
}

CAF_TEST(a thousand days cost less than a second) {
  auto uut = fresh();
  auto start = std::chrono::steady_clock::now();
  size_t bars = 0;
  for (auto i = 0; i < 1000; ++i)
    bars += uut.day(ticker(i), 2026_y / 11 / 23).size();
  auto spent = std::chrono::steady_clock::now() - start;
  CAF_MESSAGE(
      bars
      << " bars in "
      << std::chrono::duration_cast<std::chrono::milliseconds>(spent).count()
      << " ms");
  CAF_CHECK(spent < 1s);
}
