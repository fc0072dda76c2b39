#define CAF_SUITE soak

#include "io/event/event.hpp"
#include "market/shard.hpp"
#include "test/soak/faults.hpp"
#include "test/soak/figures.hpp"
#include "test/soak/ledger.hpp"

#include <caf/test/unit_test.hpp>

#include <map>
#include <set>

using namespace tickerflow;
using namespace tickerflow::soak;

CAF_TEST(the same seed gives the same records and faults) {
  traffic x{{7, 40, 8}};
  traffic y{{7, 40, 8}};
  traffic other{{8, 40, 8}};
  size_t different = 0;
  for (int i = 0; i < 5000; ++i) {
    auto event = x.next();
    CAF_REQUIRE_EQUAL(event.value, y.next().value);
    different += event.value != other.next().value ? 1 : 0;
  }
  CAF_CHECK_GREATER(different, 4000u);
  schedule_options options;
  auto faults = make_schedule(options, 100);
  auto same = make_schedule(options, 100);
  for (size_t i = 0; i < faults.size(); ++i) {
    CAF_CHECK(faults[i].kind == same[i].kind);
    CAF_CHECK(faults[i].pause == same[i].pause);
    CAF_CHECK_EQUAL(faults[i].target, same[i].target);
  }
}

CAF_TEST(traffic has every kind of garbage and the parser agrees) {
  traffic x{{1, 40, 8}};
  std::map<std::string, int> reasons;
  event_parser parser;
  int bars = 0;
  for (int i = 0; i < 200'000; ++i) {
    auto event = x.next();
    auto& parsed = parser.parse(event.value);
    if (event.reason.empty()) {
      CAF_REQUIRE(parsed.fault == event_fault::none);
      CAF_REQUIRE(same_values(parsed.value, event.content));
      CAF_REQUIRE_EQUAL(parsed.value.start, event.content.start);
      ++bars;
      continue;
    }
    ++reasons[event.reason];
    // Four reasons are the aggregator's, not the parser's.
    static const std::set<std::string> later{
        "misaligned", "outside_session", "other_interval", "unknown_ticker"};
    if (later.count(event.reason) == 0)
      CAF_REQUIRE_EQUAL(std::string{to_string(parsed.fault)}, event.reason);
  }
  CAF_MESSAGE(bars << " bars");
  CAF_CHECK_EQUAL(reasons.size(), 15u);
}

CAF_TEST(each shard has as many tickers as every other) {
  traffic x{{1, 40, 8}};
  std::map<std::int32_t, int> counts;
  for (auto& symbol : x.symbols())
    ++counts[shard_of(symbol, 8)];
  CAF_CHECK_EQUAL(counts.size(), 8u);
  for (auto& [shard, count] : counts)
    CAF_CHECK_EQUAL(count, 5);
}

CAF_TEST(a round of the schedule has each kind of fault that is possible) {
  for (auto masters : {1, 2}) {
    schedule_options x;
    x.masters = masters;
    x.operator_verbs = masters == 2;
    std::set<fault_kind> kinds;
    for (auto& fault : make_schedule(x, 20))
      kinds.insert(fault.kind);
    auto impossible = masters == 2 ? 0 : 3;
    CAF_CHECK_EQUAL(static_cast<int>(kinds.size()), fault_kinds - impossible);
  }
}

CAF_TEST(the ledger keeps the last values and counts their changes) {
  ledger uut;
  raw_event event;
  auto& x = event.content;
  x.symbol = "ACME";
  x.start = timestamp{date::sys_days{date::year{2020} / 11 / 2}}
            + std::chrono::minutes{14 * 60 + 30};
  x.open_e4 = x.high_e4 = x.low_e4 = x.close_e4 = 100;
  x.volume_shares = 3;
  uut.acknowledged(event, 0, 0);
  x.high_e4 = 120;
  uut.acknowledged(event, 0, 1);
  uut.acknowledged(event, 0, 2); // a double
  auto& stored = uut.bars().at("ACME").at(x.start);
  CAF_CHECK_EQUAL(stored.value.high_e4, 120);
  CAF_CHECK_EQUAL(stored.revision, 1);
  CAF_CHECK_EQUAL(uut.bar_count(), 1);
  CAF_CHECK_EQUAL(uut.corrections(), 1);
  CAF_CHECK_EQUAL(uut.duplicates(), 1);
  CAF_CHECK_EQUAL(uut.ends().at(0), 3);
  CAF_CHECK_EQUAL(uut.windows().size(), 5u); // of each width one
  for (auto& [key, w] : uut.windows()) {
    CAF_CHECK_EQUAL(w.high_e4, 120);
    CAF_CHECK_EQUAL(w.bars, 1);
  }
}

CAF_TEST(a percentile is one of the measured values) {
  figures uut;
  for (auto x : {5.0, 1.0, 4.0, 2.0, 3.0})
    uut.add(x);
  CAF_CHECK_EQUAL(uut.percentile(0.5), 3.0);
  CAF_CHECK_EQUAL(uut.percentile(0.99), 5.0);
  CAF_CHECK_EQUAL(uut.percentile(1), 5.0);
}
