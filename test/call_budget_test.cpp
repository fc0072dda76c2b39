#define CAF_SUITE call_budget

#include "actors/call_budget.hpp"

#include "market/exchange_time.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <vector>

using namespace tickerflow;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

budget_time at(const char* text) { return *parse_rfc3339(text); }

std::string text(budget_time x) {
  return format_rfc3339(std::chrono::floor<std::chrono::seconds>(x));
}

std::mt19937_64 seeded() {
  auto seed_text = std::getenv("TICKERFLOW_SEED");
  auto seed = seed_text ? std::strtoull(seed_text, nullptr, 10)
                        : std::random_device{}();
  CAF_MESSAGE("TICKERFLOW_SEED=" << seed);
  return std::mt19937_64{seed};
}

/// Asks, and takes what is granted: milliseconds to wait, -1 if not granted.
std::int64_t acquire(call_budget& uut, const std::string& symbol,
                     budget_time now) {
  auto offer = uut.ask(symbol, now);
  if (!offer.granted)
    return -1;
  uut.take(symbol, offer);
  return (offer.slot - now).count();
}

api_refusal refusal(refusal_class kind, std::int64_t retry_after_ms = 0) {
  return {"ACME", static_cast<std::uint8_t>(kind), retry_after_ms, "words"};
}

/// @returns how many [t, t + 60 s) hold more than `most` calls
size_t crowded_minutes(std::vector<budget_time> calls, std::int64_t most) {
  std::sort(calls.begin(), calls.end());
  size_t result = 0;
  for (auto i = static_cast<size_t>(most); i < calls.size(); ++i)
    if (calls[i] - calls[i - static_cast<size_t>(most)] < 60s)
      ++result;
  return result;
}

/// What one simulated master, its restarts and its fetchers came to.
struct outcome {
  std::vector<budget_time> calls;
  std::map<date::sys_days, std::int64_t> by_day;
  size_t restarts = 0;
};

/// Many symbols ask as fetchers do: after a call they come again some time
/// later, when refused at the time they were told; now and then twice for one
/// slot. The master dies now and then, before it grants or after it stored.
outcome simulate(call_limits limits, budget_time start, milliseconds span,
                 int symbols, std::mt19937_64& random) {
  auto below = [&random](std::uint64_t n) { return random() % n; };
  outcome result;
  budget_row stored;
  call_budget uut{limits};
  uut.restore(stored, start);
  std::multimap<budget_time, std::string> due;
  for (auto i = 0; i < symbols; ++i)
    due.emplace(start + milliseconds{below(5'000)}, "S" + std::to_string(i));
  std::map<std::string, budget_time> last_slot;
  while (due.begin()->first < start + span) {
    auto now = due.begin()->first;
    auto symbol = due.begin()->second;
    due.erase(due.begin());
    if (below(40) == 0) {
      ++result.restarts;
      uut = call_budget{limits};
      uut.restore(stored, now);
    }
    auto offer = uut.ask(symbol, now);
    if (!offer.granted) {
      CAF_REQUIRE(offer.slot > now); // else it would be asked in a loop
      CAF_REQUIRE(offer.slot <= now + call_budget::horizon);
      CAF_REQUIRE(!offer.reason.empty());
      due.emplace(offer.slot + milliseconds{below(200)}, symbol);
      continue;
    }
    CAF_REQUIRE(offer.slot >= now);
    if (!offer.held) {
      stored = offer.next;
      if (below(30) == 0) {
        // Stored, but the answer to that was lost: nobody gets the slot.
        uut.restore(stored, now);
        due.emplace(now + 1s, symbol);
        continue;
      }
      uut.take(symbol, offer);
    }
    // A slot that is told twice is one call.
    auto known = last_slot.find(symbol);
    if (known == last_slot.end() || known->second != offer.slot) {
      last_slot[symbol] = offer.slot;
      result.calls.push_back(offer.slot);
      ++result.by_day[new_york_day(offer.slot)];
    }
    if (below(10) == 0) // the permit did not arrive: it asks again
      due.emplace(now + milliseconds{below(5'000)}, symbol);
    else
      due.emplace(offer.slot + 1ms + milliseconds{below(30'000)}, symbol);
  }
  return result;
}

} // namespace

CAF_TEST(no minute holds more calls than the plan whatever fails) {
  auto random = seeded();
  size_t calls = 0;
  size_t restarts = 0;
  for (std::int64_t per_minute : {1, 2, 5, 7, 75, 1200}) {
    auto symbols = 1 + static_cast<int>(random() % 60);
    auto x = simulate({per_minute, 0}, at("2026-07-01T14:00:00Z"), 1h, symbols,
                      random);
    CAF_MESSAGE(per_minute << " a minute, " << symbols << " symbols, "
                           << x.calls.size() << " calls, " << x.restarts
                           << " restarts");
    CAF_CHECK_EQUAL(crowded_minutes(x.calls, per_minute), 0u);
    // A call may leave up to a second late.
    for (auto& call : x.calls)
      call += milliseconds{random() % 1'000};
    CAF_CHECK_EQUAL(crowded_minutes(x.calls, per_minute), 0u);
    calls += x.calls.size();
    restarts += x.restarts;
  }
  CAF_CHECK(calls > 1'000);
  CAF_CHECK(restarts > 10);
}

CAF_TEST(no day of New York holds more calls than the plan whatever fails) {
  auto random = seeded();
  // Over the change to winter time too, whose day has 25 hours.
  for (auto start :
       {"2026-07-01T00:00:00Z", "2026-10-31T00:00:00Z", "2026-12-30T00:00:00Z"})
    for (std::int64_t per_day : {1, 25, 500}) {
      auto x = simulate({5, per_day}, at(start), 72h, 8, random);
      // 72 h from midnight UTC are on four days of New York. A day's only call
      // can be lost: stored, but not answered.
      if (per_day > 1)
        CAF_CHECK_EQUAL(x.by_day.size(), 4u);
      for (auto& [day, count] : x.by_day) {
        CAF_CHECK(count <= per_day);
        CAF_CHECK(count >= per_day / 2); // one of 30 is lost
      }
      CAF_CHECK_EQUAL(crowded_minutes(x.calls, 5), 0u);
    }
}

CAF_TEST(a plan with a daily limit never calls twice in a second) {
  auto random = seeded();
  auto x = simulate({0, 500}, at("2026-07-01T14:00:00Z"), 2h, 30, random);
  std::sort(x.calls.begin(), x.calls.end());
  CAF_REQUIRE(x.calls.size() > 100);
  for (size_t i = 1; i < x.calls.size(); ++i)
    CAF_CHECK(x.calls[i] - x.calls[i - 1] >= 1s);
}

CAF_TEST(symbols that wait get calls in turn and none starves) {
  constexpr auto symbols = 40;
  call_budget uut{{5, 0}};
  auto start = at("2026-07-01T14:00:00Z");
  // All come in the same second, in the order of their names.
  std::multimap<budget_time, int> due;
  for (auto i = 0; i < symbols; ++i)
    due.emplace(start, i);
  std::vector<std::pair<budget_time, int>> calls;
  std::map<int, budget_time> asked;
  auto longest = 0ms;
  while (due.begin()->first < start + 2h) {
    auto [now, i] = *due.begin();
    due.erase(due.begin());
    asked.emplace(i, now);
    auto symbol = "S" + std::to_string(i);
    auto offer = uut.ask(symbol, now);
    if (!offer.granted) {
      due.emplace(offer.slot, i);
      continue;
    }
    uut.take(symbol, offer);
    calls.emplace_back(offer.slot, i);
    longest = std::max(longest, offer.slot - asked[i]);
    asked.erase(i);
    due.emplace(offer.slot + 1ms, i);
  }
  std::sort(calls.begin(), calls.end());
  for (auto i = 0; i < symbols; ++i)
    CAF_CHECK_EQUAL(calls[static_cast<size_t>(i)].second, i);
  std::map<int, int> count;
  for (auto& x : calls)
    ++count[x.second];
  // 2 h / 12.2 s = 590 calls and those reserved: 14 or 15 for each of 40.
  CAF_CHECK_EQUAL(count.size(), 40u);
  for (auto& x : count)
    CAF_CHECK(x.second >= 14 && x.second <= 16);
  // A whole round is 40 * 12.2 s = 488 s; who asks is in the next.
  CAF_CHECK(longest <= 488s + call_budget::horizon);
}

CAF_TEST(who waits at a closed gate keeps the place in the line) {
  call_budget uut{{1, 0}};
  auto now = at("2026-07-01T14:00:00Z");
  CAF_CHECK_EQUAL(acquire(uut, "A", now), 0);
  CAF_CHECK_EQUAL(acquire(uut, "FIRST", now), -1);
  uut.refuse(refusal(refusal_class::per_minute, 240'000), now);
  // Longer than a waiter that is gone is waited for; both go on asking.
  for (auto i = 0; i < 4; ++i) {
    now += 60s;
    if (i == 0)
      acquire(uut, "SECOND", now);
    acquire(uut, "FIRST", now - 1ms);
    acquire(uut, "SECOND", now - 1ms);
  }
  CAF_CHECK_EQUAL(uut.closed_for(now).count(), 0);
  // One a minute: the next slot is for the first in the line.
  CAF_CHECK_EQUAL(acquire(uut, "SECOND", now), -1);
  CAF_CHECK_EQUAL(acquire(uut, "FIRST", now), 0);
}

CAF_TEST(a waiter that does not come back is not waited for) {
  call_budget uut{{1, 0}};
  auto now = at("2026-07-01T14:00:00Z");
  acquire(uut, "A", now);
  CAF_CHECK_EQUAL(acquire(uut, "GONE", now), -1);
  now += 1s;
  CAF_CHECK_EQUAL(acquire(uut, "B", now), -1);
  now += 60s; // the next slot: GONE may still come, so it is kept
  CAF_CHECK_EQUAL(acquire(uut, "B", now), -1);
  now += 31s; // 92 s after GONE asked
  CAF_CHECK_EQUAL(acquire(uut, "B", now), 0);
}

CAF_TEST(a symbol that asks twice gets the same slot once) {
  call_budget uut{{5, 25}};
  auto now = at("2026-07-01T14:00:00Z");
  CAF_CHECK_EQUAL(acquire(uut, "A", now), 0);
  CAF_CHECK_EQUAL(acquire(uut, "B", now), 12'200); // (60 s + 1 s) / 5
  now += 5s;
  auto again = uut.ask("B", now);
  CAF_CHECK(again.granted);
  CAF_CHECK(again.held);
  CAF_CHECK_EQUAL((again.slot - now).count(), 7'200);
  CAF_CHECK_EQUAL(uut.row().used, 2);
}

CAF_TEST(an offer that is not taken changes nothing) {
  call_budget uut{{5, 25}};
  auto now = at("2026-07-01T14:00:00Z");
  auto before = uut.row();
  auto offer = uut.ask("A", now);
  CAF_CHECK(offer.granted);
  CAF_CHECK(uut.row() == before);
  CAF_CHECK_EQUAL(acquire(uut, "A", now), 0);
}

CAF_TEST(what was reserved before a restart is not given out again) {
  call_budget before{{5, 25}};
  auto now = at("2026-07-01T14:00:00Z");
  for (auto symbol : {"A", "B", "C"})
    acquire(before, symbol, now);
  call_budget after{{5, 25}};
  after.restore(before.row(), now);
  CAF_CHECK_EQUAL(acquire(after, "D", now), 3 * 12'200);
  CAF_CHECK_EQUAL(after.row().used, 4);
}

CAF_TEST(the day begins at midnight in New York in July and December) {
  for (auto midnight : {"2026-07-02T04:00:00Z", "2026-12-02T05:00:00Z"}) {
    auto t = at(midnight);
    CAF_CHECK_EQUAL(text(new_york_midnight(new_york_day(t))), midnight);
    CAF_CHECK(new_york_day(t - 1ms) == new_york_day(t) - date::days{1});
    call_budget uut{{0, 2}};
    // Two of the old day; the second one lies 1.1 s behind.
    CAF_CHECK_EQUAL(acquire(uut, "A", t - 1min), 0);
    CAF_CHECK_EQUAL(acquire(uut, "B", t - 1min), 1'100);
    auto refused = uut.ask("C", t - 30s);
    CAF_CHECK(!refused.granted);
    CAF_CHECK_EQUAL(text(refused.slot), midnight);
    CAF_CHECK(refused.reason.find(midnight) != std::string::npos);
    CAF_CHECK_EQUAL(acquire(uut, "C", t), 0);
    CAF_CHECK_EQUAL(uut.row().used, 1);
    CAF_CHECK(uut.row().day == new_york_day(t));
  }
}

CAF_TEST(no call leaves in the seconds before midnight) {
  call_budget uut{{0, 25}};
  auto midnight = at("2026-07-02T04:00:00Z");
  CAF_CHECK_EQUAL(acquire(uut, "A", midnight - 10s), 0);
  auto x = uut.ask("B", midnight - 9s);
  CAF_CHECK(!x.granted);
  CAF_CHECK(x.slot == midnight);
}

CAF_TEST(a refusal closes the gate for all as long as its class asks) {
  struct expectation {
    refusal_class kind;
    std::int64_t retry_after_ms;
    milliseconds closed;
  };
  // 10:00 in New York: midnight is 14 h away.
  for (auto& x : {expectation{refusal_class::burst, 0, 2s},
                  expectation{refusal_class::burst, 7'000, 7s},
                  expectation{refusal_class::per_minute, 0, 60s},
                  expectation{refusal_class::per_minute, 2'000, 60s},
                  expectation{refusal_class::per_minute, 90'000, 90s},
                  expectation{refusal_class::daily, 0, 14h},
                  expectation{refusal_class::daily, 20 * 3'600'000, 20h},
                  expectation{refusal_class::bad_key, 0, 5min},
                  expectation{refusal_class::premium, 0, 0s},
                  expectation{refusal_class::bad_call, 5'000, 0s},
                  expectation{refusal_class::bad_function, 0, 0s},
                  expectation{refusal_class::no_bars, 0, 0s},
                  expectation{refusal_class::unavailable, 0, 0s},
                  expectation{refusal_class::unknown, 0, 0s}}) {
    for (auto limits : {call_limits{0, 0}, call_limits{5, 25}}) {
      auto now = at("2026-07-01T14:00:00Z");
      call_budget uut{limits};
      auto wait = uut.refuse(refusal(x.kind, x.retry_after_ms), now);
      CAF_MESSAGE(to_string(x.kind));
      CAF_CHECK_EQUAL(wait.count(), x.closed.count());
      CAF_CHECK_EQUAL(uut.closed_for(now).count(), x.closed.count());
      if (x.closed == 0ms) {
        CAF_CHECK_EQUAL(acquire(uut, "OTHER", now), 0);
        continue;
      }
      CAF_CHECK_EQUAL(acquire(uut, "OTHER", now), -1);
      CAF_CHECK_EQUAL(acquire(uut, "OTHER", now + x.closed - 1ms), -1);
      CAF_CHECK_EQUAL(acquire(uut, "OTHER", now + x.closed), 0);
    }
  }
}

CAF_TEST(a daily refusal closes the gate to midnight in summer and winter) {
  for (auto [refused, opens] :
       {std::pair{"2026-07-01T20:00:00Z", "2026-07-02T04:00:00Z"},
        std::pair{"2026-12-01T20:00:00Z", "2026-12-02T05:00:00Z"},
        // Noon before the clocks go back on 1 November 2026, and that day.
        std::pair{"2026-10-31T16:00:00Z", "2026-11-01T04:00:00Z"},
        std::pair{"2026-11-01T16:00:00Z", "2026-11-02T05:00:00Z"}}) {
    call_budget uut{{0, 25}};
    auto now = at(refused);
    uut.refuse(refusal(refusal_class::daily), now);
    CAF_CHECK_EQUAL(text(now + uut.closed_for(now)), opens);
  }
}

CAF_TEST(a daily refusal just after midnight costs an hour and not a day) {
  call_budget uut{{0, 25}};
  auto now = at("2026-07-01T04:59:59Z"); // 00:59:59 in New York
  uut.refuse(refusal(refusal_class::daily), now);
  CAF_CHECK_EQUAL(uut.closed_for(now).count(), 3'600'000);
}

CAF_TEST(a shorter refusal does not open the gate sooner) {
  call_budget uut{{5, 0}};
  auto now = at("2026-07-01T14:00:00Z");
  uut.refuse(refusal(refusal_class::per_minute), now);
  auto reason = uut.closed_reason();
  uut.refuse(refusal(refusal_class::burst), now + 10s);
  CAF_CHECK_EQUAL(uut.closed_for(now + 10s).count(), 50'000);
  CAF_CHECK_EQUAL(uut.closed_reason(), reason);
}
