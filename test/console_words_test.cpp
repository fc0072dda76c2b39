#define CAF_SUITE console_words

// Health in words: what people read first.

#include "market/gaps.hpp"
#include "nodes/console/actor_rows.hpp"
#include "nodes/console/cluster_json.hpp"
#include "nodes/console/record_resources.hpp"
#include "nodes/console/times.hpp"
#include "nodes/console/words.hpp"

#include <caf/test/unit_test.hpp>

using namespace tickerflow;
using namespace tickerflow::console;
using namespace std::chrono_literals;

namespace {

timestamp at(const std::string& new_york) {
  return *parse_wall_time(new_york, "America/New_York");
}

struct fixture {
  picture uut;
  source_rules rules;

  fixture() {
    uut.master = "m";
    node_status node;
    node.spec.name = "w1";
    node.alive = true;
    uut.status.nodes.push_back(node);
    shard_status shard;
    shard.owner = "w1";
    shard.phase = "assigned";
    shard.report.state = "running";
    uut.status.shards.push_back(shard);
  }

  ticker_report& add(const std::string& symbol, timestamp last) {
    ticker_report x;
    x.symbol = symbol;
    x.last_bar_s = last.time_since_epoch().count();
    x.fetcher = "next call in 20 s";
    uut.status.shards[0].report.tickers.push_back(x);
    return uut.status.shards[0].report.tickers.back();
  }

  ticker_judge judge(timestamp now) { return {nyse(), rules, uut.status, now}; }

  freshness fresh(std::size_t i, timestamp now) {
    auto& shard = uut.status.shards[0];
    return judge(now).judge(shard, shard.report.tickers[i]);
  }

  std::string headline(timestamp now) {
    auto x = judge(now);
    return headline_of(uut, x, alerts_of(uut, x));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(console_words_tests, fixture)

CAF_TEST(a ticker with the bar that is due is fresh) {
  add("MSFT", at("2020-11-02 10:00"));
  // The bar of 10:01 is final at 10:03, and polled for within a minute.
  CAF_CHECK_EQUAL(fresh(0, at("2020-11-02 10:03:10")).text, "fresh");
  CAF_CHECK_EQUAL(headline(at("2020-11-02 10:03:10")), "The ticker is fresh.");
}

CAF_TEST(a late ticker says how late and why) {
  auto& x = add("MSFT", at("2020-11-02 10:00"));
  auto now = at("2020-11-02 10:10:15"); // 10:07 is due
  CAF_CHECK_EQUAL(fresh(0, now).text, "7 minutes late: next call in 20 s");
  CAF_CHECK_EQUAL(fresh(0, now).late_s.value_or(-1), 7 * 60);
  uut.status.budget.calls_per_day = 5'000;
  uut.status.budget.used_today = 5'000;
  CAF_CHECK_EQUAL(fresh(0, now).text, "7 minutes late: daily limit reached, "
                                      "resets 00:00 New York");
  CAF_CHECK(headline(now).find("MSFT is 7 minutes late") != std::string::npos);
  uut.status.shards[0].owner.clear();
  uut.status.shards[0].reason = "no node can serve it";
  CAF_CHECK_EQUAL(fresh(0, now).text,
                  "7 minutes late: nobody serves shard 0: no node can serve "
                  "it");
  x.paused = true;
  CAF_CHECK_EQUAL(fresh(0, now).text, "paused by an operator");
}

CAF_TEST(a small plan is told from a fault) {
  uut.status.budget.calls_per_day = 25;
  add("MSFT", at("2020-11-02 10:00"));
  auto x = fresh(0, at("2020-11-02 10:30"));
  CAF_CHECK(x.how == level::info);
  CAF_CHECK_EQUAL(x.text,
                  "26 minutes late: the plan allows a call every 57 minutes");
  CAF_CHECK(fresh(0, at("2020-11-02 15:30")).how == level::warning);
}

CAF_TEST(outside of sessions the last bar of the day is enough) {
  add("MSFT", at("2020-11-06 15:59"));
  // A weekend, and the exchange's next day is a Monday.
  auto x = fresh(0, at("2020-11-07 12:00"));
  CAF_CHECK(x.how == level::ok);
  CAF_CHECK_EQUAL(x.text, "fresh; no session until 2020-11-09 04:00 New York");
  // Thanksgiving Friday closes at 13:00.
  add("IBM", at("2020-11-27 12:59"));
  CAF_CHECK(fresh(1, at("2020-11-28 09:00")).how == level::ok);
}

CAF_TEST(a source with a clock of its own is judged by its newest bar) {
  rules.own_clock = true;
  add("MSFT", at("2020-11-02 10:00"));
  add("IBM", at("2020-11-02 09:40"));
  CAF_CHECK(fresh(0, at("2026-05-15 12:00")).how == level::ok);
  CAF_CHECK(fresh(1, at("2026-05-15 12:00")).how == level::warning);
}

CAF_TEST(the worst comes first and is the headline) {
  add("MSFT", at("2020-11-02 10:00"));
  uut.status.nodes[0].suspect = true;
  uut.status.nodes[0].last_beat_ms = 3'400;
  uut.silent_for_s = 12;
  auto now = at("2020-11-02 10:02");
  auto x = judge(now);
  auto found = alerts_of(uut, x);
  CAF_REQUIRE(found.size() >= 2);
  CAF_CHECK_EQUAL(found[0].about, "cluster");
  CAF_CHECK(worst_of(found) == level::critical);
  CAF_CHECK(headline(now).find("no answer for 12 s") != std::string::npos);
  auto suspect = std::find_if(found.begin(), found.end(),
                              [](auto& a) { return a.about == "node"; });
  CAF_REQUIRE(suspect != found.end());
  CAF_CHECK_EQUAL(suspect->text, "No answer from w1 for 3 s.");
}

CAF_TEST(a budget is told in words) {
  budget_status x;
  CAF_CHECK_EQUAL(budget_words(x, 3, 60s),
                  "There is no limit: each is polled about every 60 seconds.");
  x.calls_per_minute = 5;
  x.calls_per_day = 25;
  CAF_CHECK_EQUAL(budget_words(x, 12, 60s),
                  "12 tickers share 5 calls a minute and 25 calls a day: each "
                  "is polled about every 11 hours.");
}

CAF_TEST(a day of the budget begins at midnight in New York) {
  CAF_CHECK(next_new_york_midnight(at("2020-11-01 00:30"))
            == at("2020-11-02 00:00")); // a day of 25 hours
  CAF_CHECK(next_new_york_midnight(at("2020-03-08 23:59:59"))
            == at("2020-03-09 00:00"));
}

CAF_TEST(rates count a shard that was opened anew from zero) {
  cluster_status before;
  before.shards.resize(2);
  before.shards[1].report.shard = 1;
  before.shards[0].report.bars = 100;
  before.shards[1].report.bars = 500;
  auto after = before;
  after.shards[0].report.bars = 150;
  after.shards[1].report.bars = 20; // opened by another node
  CAF_CHECK_EQUAL(rates_between(before, after, 7).bars_per_s.value_or(-1),
                  10.0);
  after.term = 2;
  CAF_CHECK(!rates_between(before, after, 7).bars_per_s);
}

CAF_TEST(quantiles are interpolated in their bucket) {
  // 90 within 10 us, 10 within 100 us.
  std::vector<std::uint64_t> buckets{90, 10, 0, 0, 0, 0, 0, 0};
  CAF_CHECK_EQUAL(quantile_us(buckets, 0.45).value_or(-1), 5.0);
  CAF_CHECK_EQUAL(quantile_us(buckets, 0.95).value_or(-1), 55.0);
  CAF_CHECK(!quantile_us({}, 0.5));
  // What took longer than the last bound is told as that bound.
  CAF_CHECK_EQUAL(quantile_us({0, 0, 0, 0, 0, 0, 0, 5}, 0.5).value_or(-1), 1e7);
}

CAF_TEST(gaps are what the calendar promises and is not there) {
  auto open = at("2020-11-02 09:30");
  std::vector<timestamp> starts;
  for (int i = 0; i < 390; ++i)
    if (i != 3 && i != 10 && i != 11)
      starts.push_back(open + i * 1min);
  auto gaps = gaps_between(nyse(), 1min, starts, open, open + 24h);
  CAF_REQUIRE_EQUAL(gaps.size(), 2u);
  CAF_CHECK(gaps[0].start == open + 3min);
  CAF_CHECK_EQUAL(gaps[0].bars, 1);
  CAF_CHECK(gaps[1].start == open + 10min);
  CAF_CHECK(gaps[1].end == open + 12min);
  CAF_CHECK_EQUAL(gaps[1].bars, 2);
  // A weekend is no gap, a whole day is one.
  auto more = gaps_between(nyse(), 1min, {}, at("2020-11-06 00:00"),
                           at("2020-11-09 00:00"));
  CAF_REQUIRE_EQUAL(more.size(), 1u);
  CAF_CHECK_EQUAL(more[0].bars, 390);
}

CAF_TEST(bytes that are no text can be read all the same) {
  CAF_CHECK_EQUAL(readable("a\xC3\xA4\xFF\x1B["), "a\xC3\xA4\\xff\\x1b[");
  CAF_CHECK_EQUAL(readable(std::string_view{"\0\n", 2}), "\\x00\n");
}

CAF_TEST_FIXTURE_SCOPE_END()
