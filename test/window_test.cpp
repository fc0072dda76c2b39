#define CAF_SUITE window

#include "market/ticker_book.hpp"

#include "market/exchange_time.hpp"
#include "market/price.hpp"
#include "market/shard.hpp"

#include <caf/test/unit_test.hpp>

#include <random>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

timestamp at(std::string_view text) { return *parse_rfc3339(text); }

bar bar_at(timestamp start, std::int64_t price, std::int64_t volume) {
  bar x;
  x.symbol = "ACME";
  x.start = start;
  x.open_e4 = x.high_e4 = x.low_e4 = x.close_e4 = price * price_scale;
  x.volume_shares = volume;
  return x;
}

ticker_book fresh() { return {"ACME", 60s, nyse()}; }

std::vector<window_change> windows_of(ticker_book& uut) {
  book_changes changes;
  uut.take_changes(changes);
  return changes.windows;
}

const window* find(const std::vector<window_change>& windows,
                   window_width width, std::string_view start) {
  for (auto& x : windows)
    if (x.value.width == width && x.value.start == at(start))
      return &x.value;
  return nullptr;
}

// 2020-11-02 is a Monday after the change to winter time: 09:30 is 14:30 UTC.
constexpr auto open_text = "2020-11-02T14:30:00Z";

} // namespace

CAF_TEST(windows start at the sessions open) {
  auto uut = fresh();
  CAF_CHECK(uut.admit(bar_at(at("2020-11-02T15:29:00Z"), 10, 5))
            == ticker_book::outcome::added);
  auto windows = windows_of(uut);
  CAF_CHECK(find(windows, window_width::h1, open_text));
  CAF_CHECK(find(windows, window_width::m30, "2020-11-02T15:00:00Z"));
  CAF_CHECK(find(windows, window_width::m15, "2020-11-02T15:15:00Z"));
  CAF_CHECK(find(windows, window_width::d1, open_text));
  CAF_CHECK(find(windows, window_width::w1, open_text));
}

CAF_TEST(a bar on the closing edge belongs to the next window) {
  auto uut = fresh();
  uut.admit(bar_at(at("2020-11-02T14:45:00Z"), 10, 5));
  auto windows = windows_of(uut);
  CAF_CHECK(!find(windows, window_width::m15, open_text));
  CAF_CHECK(find(windows, window_width::m15, "2020-11-02T14:45:00Z"));
}

CAF_TEST(a window is final when the watermark passes its end) {
  auto uut = fresh();
  for (auto i = 0; i < 14; ++i)
    uut.admit(bar_at(at(open_text) + i * 1min, 10, 5));
  CAF_CHECK(!find(windows_of(uut), window_width::m15, open_text)->final);
  uut.admit(bar_at(at(open_text) + 14min, 10, 5));
  auto windows = windows_of(uut);
  auto closed = find(windows, window_width::m15, open_text);
  CAF_REQUIRE(closed);
  CAF_CHECK(closed->final);
  CAF_CHECK_EQUAL(closed->revision, 0);
  CAF_CHECK_EQUAL(closed->bars, 15);
  CAF_CHECK_EQUAL(closed->expected_bars, 15);
}

CAF_TEST(a gap at the end of a window does not keep it open) {
  auto uut = fresh();
  uut.admit(bar_at(at(open_text), 10, 5));
  uut.admit(bar_at(at(open_text) + 20min, 10, 5));
  auto windows = windows_of(uut);
  CAF_CHECK(find(windows, window_width::m15, open_text)->final);
}

CAF_TEST(a corrected bar can lower the high of its windows) {
  auto uut = fresh();
  uut.admit(bar_at(at(open_text), 99, 5));
  uut.admit(bar_at(at(open_text) + 1min, 20, 5));
  uut.admit(bar_at(at(open_text) + 15min, 30, 5));
  windows_of(uut);
  CAF_CHECK(uut.admit(bar_at(at(open_text), 12, 5))
            == ticker_book::outcome::corrected);
  book_changes changes;
  uut.take_changes(changes);
  CAF_REQUIRE_EQUAL(changes.bars.size(), 1u);
  CAF_CHECK_EQUAL(changes.bars[0].revision, 1);
  CAF_CHECK(!changes.bars[0].is_new);
  auto revised = find(changes.windows, window_width::m15, open_text);
  CAF_REQUIRE(revised);
  CAF_CHECK_EQUAL(revised->high_e4, 20 * price_scale);
  CAF_CHECK_EQUAL(revised->open_e4, 12 * price_scale);
  CAF_CHECK_EQUAL(revised->revision, 1);
  CAF_CHECK_EQUAL(find(changes.windows, window_width::d1, open_text)->high_e4,
                  30 * price_scale);
  CAF_CHECK_EQUAL(find(changes.windows, window_width::w1, open_text)->high_e4,
                  30 * price_scale);
}

CAF_TEST(a late bar re - opens its window with the next revision) {
  auto uut = fresh();
  uut.admit(bar_at(at(open_text), 10, 5));
  uut.admit(bar_at(at(open_text) + 15min, 10, 5));
  windows_of(uut);
  uut.admit(bar_at(at(open_text) + 5min, 50, 5));
  auto windows = windows_of(uut);
  auto revised = find(windows, window_width::m15, open_text);
  CAF_REQUIRE(revised);
  CAF_CHECK_EQUAL(revised->revision, 1);
  CAF_CHECK_EQUAL(revised->bars, 2);
  CAF_CHECK_EQUAL(revised->close_e4, 50 * price_scale);
}

CAF_TEST(an identical bar writes nothing) {
  auto uut = fresh();
  uut.admit(bar_at(at(open_text), 10, 5));
  windows_of(uut);
  CAF_CHECK(uut.admit(bar_at(at(open_text), 10, 5))
            == ticker_book::outcome::same);
  book_changes changes;
  uut.take_changes(changes);
  CAF_CHECK(changes.empty());
}

CAF_TEST(sessions do not mix) {
  auto uut = fresh();
  uut.admit(bar_at(at(open_text) - 1min, 10, 5));
  uut.admit(bar_at(at(open_text), 20, 5));
  auto windows = windows_of(uut);
  auto regular = find(windows, window_width::d1, open_text);
  auto pre = find(windows, window_width::d1, "2020-11-02T09:00:00Z");
  CAF_REQUIRE(regular);
  CAF_REQUIRE(pre);
  CAF_CHECK_EQUAL(regular->low_e4, 20 * price_scale);
  CAF_CHECK_EQUAL(pre->high_e4, 10 * price_scale);
  CAF_CHECK(pre->session == session::pre);
  CAF_CHECK(pre->final); // the regular bar's end is past 09:30
}

CAF_TEST(a half day ends at one and its after hours at five) {
  auto uut = fresh();
  // 2020-11-27, the day after Thanksgiving: close at 13:00 New York.
  CAF_CHECK(uut.admit(bar_at(at("2020-11-27T17:59:00Z"), 10, 5))
            == ticker_book::outcome::added);
  CAF_CHECK(uut.admit(bar_at(at("2020-11-27T18:00:00Z"), 10, 5))
            == ticker_book::outcome::added);
  auto windows = windows_of(uut);
  auto day = find(windows, window_width::d1, "2020-11-27T14:30:00Z");
  CAF_REQUIRE(day);
  CAF_CHECK_EQUAL(format_rfc3339(day->end), "2020-11-27T18:00:00Z");
  CAF_CHECK_EQUAL(day->bars, 1);
  CAF_CHECK(uut.admit(bar_at(at("2020-11-27T22:00:00Z"), 10, 5))
            == ticker_book::outcome::outside_session);
}

CAF_TEST(bars outside the calendar are told apart) {
  auto uut = fresh();
  auto sunday = bar_at(at("2020-11-01T15:00:00Z"), 10, 5);
  CAF_CHECK(uut.admit(sunday) == ticker_book::outcome::outside_session);
  auto crooked = bar_at(at(open_text) + 30s, 10, 5);
  CAF_CHECK(uut.admit(crooked) == ticker_book::outcome::misaligned);
  auto wide = bar_at(at(open_text), 10, 5);
  wide.interval = 5min;
  CAF_CHECK(uut.admit(wide) == ticker_book::outcome::other_interval);
}

CAF_TEST(a day that left memory is asked for) {
  auto uut = fresh();
  for (auto day :
       {"2020-11-02", "2020-11-03", "2020-11-04", "2020-11-05", "2020-11-06"}) {
    uut.admit(bar_at(at(std::string{day} + "T15:00:00Z"), 10, 5));
    windows_of(uut);
  }
  CAF_CHECK(uut.admit(bar_at(at("2020-11-02T15:01:00Z"), 10, 5))
            == ticker_book::outcome::needs_day);
  CAF_CHECK(uut.admit(bar_at(at("2020-11-05T15:01:00Z"), 10, 5))
            == ticker_book::outcome::added);
}

CAF_TEST(vwap is exact and rounds half up) {
  window w;
  auto x = bar_at(at(open_text), 10, 1);
  append(w, x);
  CAF_CHECK(w.vwap_e6() == 10'000'000);
  auto y = bar_at(at(open_text) + 1min, 11, 2);
  append(w, y);
  CAF_CHECK(w.vwap_e6() == 10'666'667); // 32 / 3
  window empty;
  append(empty, bar_at(at(open_text), 10, no_volume));
  CAF_CHECK(!empty.vwap_e6());
  CAF_CHECK_EQUAL(empty.volume_shares, 0);
}

CAF_TEST(any order of bars and corrections gives the windows of a batch run) {
  auto seed_text = std::getenv("TICKERFLOW_SEED");
  auto seed = seed_text ? static_cast<unsigned>(std::atoi(seed_text))
                        : std::random_device{}();
  CAF_MESSAGE("TICKERFLOW_SEED=" << seed);
  std::mt19937 random{seed};
  for (auto round = 0; round < 50; ++round) {
    // Offers random bars of one day, many twice with other values.
    auto uut = fresh();
    std::map<timestamp, bar> truth;
    std::map<std::tuple<int, int, timestamp>, window> seen;
    for (auto i = 0; i < 200; ++i) {
      auto minute = static_cast<int>(random() % 700);
      auto x = bar_at(at("2020-11-02T12:00:00Z") + minute * 1min,
                      1 + random() % 50, random() % 100);
      x.high_e4 += random() % 1000;
      x.low_e4 -= random() % 1000;
      uut.admit(x);
      truth[x.start] = x;
      if (random() % 7 == 0)
        for (auto& w : windows_of(uut))
          seen[{int(w.value.session), int(w.value.width), w.value.start}] =
              w.value;
    }
    for (auto& w : windows_of(uut))
      seen[{int(w.value.session), int(w.value.width), w.value.start}] = w.value;
    // The batch run: bars in order of time, each into its windows.
    auto& day = *nyse().day_at(at(open_text));
    std::map<std::tuple<int, int, timestamp>, window> batch;
    for (auto& [start, x] : truth) {
      auto part = *day.session_at(start);
      for (auto width : day_widths)
        append(batch[{int(part), int(width),
                      span_of(day, part, width, start).first}],
               x);
      if (part == session::regular)
        append(batch[{int(part), int(window_width::w1), day.open}], x);
    }
    CAF_REQUIRE_EQUAL(seen.size(), batch.size());
    for (auto& [key, expected] : batch) {
      auto& found = seen[key];
      auto equal = found.open_e4 == expected.open_e4
                   && found.high_e4 == expected.high_e4
                   && found.low_e4 == expected.low_e4
                   && found.close_e4 == expected.close_e4
                   && found.volume_shares == expected.volume_shares
                   && found.price_volume == expected.price_volume
                   && found.bars == expected.bars
                   && found.final == (found.end <= uut.watermark());
      if (!equal)
        CAF_FAIL("window differs from its batch run: width " << to_string(
                     found.width) << " start " << format_rfc3339(found.start));
    }
  }
}

CAF_TEST(a restored day goes on as if it had never left memory) {
  auto before = fresh();
  stored_day saved;
  saved.symbol = "ACME";
  saved.date = nyse().day_at(at(open_text))->date;
  for (auto i = 0; i < 20; ++i)
    before.admit(bar_at(at(open_text) + i * 1min, 10 + i, 5 + i));
  book_changes written;
  before.take_changes(written);
  for (auto& x : written.bars)
    saved.bars.push_back({x.value, x.revision});
  for (auto& x : written.windows)
    saved.windows.push_back({x.value.session, x.value.width, x.value.start,
                             x.value.revision, x.value.final});
  saved.watermark = before.watermark();
  auto after = fresh();
  after.restore(saved);
  CAF_CHECK(after.watermark() == before.watermark());
  auto next = bar_at(at(open_text) + 3min, 70, 9); // revises a final window
  CAF_CHECK(before.admit(next) == ticker_book::outcome::corrected);
  CAF_CHECK(after.admit(next) == ticker_book::outcome::corrected);
  book_changes a, b;
  before.take_changes(a);
  after.take_changes(b);
  CAF_REQUIRE_EQUAL(a.windows.size(), b.windows.size());
  for (size_t i = 0; i < a.windows.size(); ++i) {
    CAF_CHECK(a.windows[i].value.price_volume
              == b.windows[i].value.price_volume);
    CAF_CHECK_EQUAL(a.windows[i].value.revision, b.windows[i].value.revision);
    CAF_CHECK_EQUAL(a.windows[i].is_new, b.windows[i].is_new);
    CAF_CHECK_EQUAL(a.windows[i].value.final, b.windows[i].value.final);
  }
  CAF_REQUIRE_EQUAL(b.bars.size(), 1u);
  CAF_CHECK(!b.bars[0].is_new);
}
