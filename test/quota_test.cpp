#define CAF_SUITE quota

#include "actors/quota.hpp"
#include "market/exchange_time.hpp"
#include "messages/setup.hpp"

#include <caf/test/dsl.hpp>

#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <vector>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

struct config : caf::actor_system_config {
  config() { add_messages(*this); }
};

budget_time at(const char* text) { return *parse_rfc3339(text); }

/// Remembers what was stored; can be away, or changed by someone else.
struct scripted_ledger : budget_ledger {
  budget_row row;
  int saves = 0;
  int loads = 0;
  bool away = false;
  bool loses_answer = false; // stores, then says `unavailable`, once
  std::function<void()> on_save;

  caf::expected<budget_row> load(const std::string&) override {
    ++loads;
    if (away)
      return failure(errc::unavailable, "no connection");
    return row;
  }

  caf::error save(const std::string&, const budget_row& seen,
                  const budget_row& next) override {
    ++saves;
    if (away)
      return failure(errc::unavailable, "no connection");
    if (row != seen)
      return failure(errc::stale_state, "changed by another");
    row = next;
    if (on_save)
      on_save();
    if (std::exchange(loses_answer, false))
      return failure(errc::unavailable, "lost during COMMIT");
    return caf::none;
  }
};

std::uint64_t test_seed() {
  auto text = std::getenv("TICKERFLOW_SEED");
  return text ? std::strtoull(text, nullptr, 10) : std::random_device{}();
}

struct fixture : test_coordinator_fixture<config> {
  std::shared_ptr<scripted_ledger> ledger = std::make_shared<scripted_ledger>();
  budget_time now = at("2026-07-01T14:00:00Z"); // 10:00 New York
  quota_actor uut;

  ~fixture() { stop(); }

  void stop() {
    if (uut)
      caf::anon_send_exit(uut, caf::exit_reason::kill);
    uut = nullptr;
    consume_messages();
  }

  void start(std::int64_t per_minute, std::int64_t per_day) {
    stop();
    quota_options options;
    options.limits = {per_minute, per_day};
    options.ledger = ledger;
    options.clock = [this] { return now; };
    uut = sys.spawn(quota, options);
    consume_messages();
  }

  api_permit acquire(const std::string& symbol) {
    api_permit result;
    self->send(uut, acquire_atom_v, symbol);
    consume_messages();
    self->receive([&](const api_permit& x) { result = x; },
                  caf::after(0s) >> [] { CAF_FAIL("no answer"); });
    return result;
  }

  budget_status status() {
    budget_status result;
    self->send(uut, status_atom_v);
    consume_messages();
    self->receive([&](const budget_status& x) { result = x; },
                  caf::after(0s) >> [] { CAF_FAIL("no answer"); });
    return result;
  }

  void refuse(refusal_class kind, std::int64_t retry_after_ms = 0) {
    self->send(uut, refused_atom_v,
               api_refusal{"ACME", static_cast<std::uint8_t>(kind),
                           retry_after_ms, "words"});
    consume_messages();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(quota_tests, fixture)

CAF_TEST(a key without limits is granted at once and costs no ledger traffic) {
  start(0, 0);
  for (int i = 0; i < 100; ++i) {
    auto x = acquire("S" + std::to_string(i));
    CAF_CHECK(x.granted);
    CAF_CHECK_EQUAL(x.wait_ms, 0);
  }
  CAF_CHECK_EQUAL(ledger->saves, 0);
}

CAF_TEST(calls are spread over the minute) {
  start(5, 0);
  CAF_CHECK_EQUAL(acquire("A").wait_ms, 0);
  CAF_CHECK_EQUAL(acquire("B").wait_ms, 12'200); // (60 s + 1 s) / 5
  CAF_CHECK_EQUAL(acquire("C").wait_ms, 24'400);
}

CAF_TEST(asking again before the slot answers the same slot and counts once) {
  start(5, 25);
  acquire("A");
  CAF_CHECK_EQUAL(acquire("B").wait_ms, 12'200);
  now += 2s;
  auto again = acquire("B");
  CAF_CHECK(again.granted);
  CAF_CHECK_EQUAL(again.wait_ms, 10'200);
  CAF_CHECK_EQUAL(ledger->row.used, 2);
  CAF_CHECK_EQUAL(status().used_today, 2);
}

CAF_TEST(a plan with a daily limit makes no two calls in a second) {
  start(0, 25);
  CAF_CHECK_EQUAL(acquire("A").wait_ms, 0);
  CAF_CHECK_EQUAL(acquire("B").wait_ms, 1'100);
}

CAF_TEST(a slot more than a minute away is not given out) {
  start(5, 0);
  for (int i = 0; i < 5; ++i)
    CAF_CHECK(acquire("S" + std::to_string(i)).granted);
  auto late = acquire("LATE");
  CAF_CHECK(!late.granted);
  CAF_CHECK_EQUAL(late.wait_ms, 60'000);
  CAF_CHECK(!late.reason.empty());
  CAF_CHECK_EQUAL(ledger->row.used, 5);
}

CAF_TEST(those who wait are served in the order in which they came) {
  start(5, 0);
  for (int i = 0; i < 5; ++i)
    acquire("S" + std::to_string(i));
  acquire("FIRST");
  acquire("SECOND");
  now += 30s;
  // Comes back before the first one: gets the slot behind that one's.
  auto second = acquire("SECOND");
  auto greedy = acquire("S0");
  auto first = acquire("FIRST");
  CAF_REQUIRE(first.granted);
  CAF_REQUIRE(second.granted);
  CAF_CHECK(first.wait_ms < second.wait_ms);
  CAF_CHECK(!greedy.granted || greedy.wait_ms > second.wait_ms);
}

CAF_TEST(the day of New York ends the daily budget and begins the next) {
  start(0, 3);
  now = at("2026-07-02T03:50:00Z"); // 23:50 of July 1 in New York
  for (int i = 0; i < 3; ++i)
    CAF_CHECK(acquire("S" + std::to_string(i)).granted);
  now += 10s;
  auto refused = acquire("LATE");
  CAF_CHECK(!refused.granted);
  CAF_CHECK_EQUAL(refused.wait_ms, 60'000);
  now = at("2026-07-02T04:00:00Z");
  CAF_CHECK(acquire("LATE").granted);
  CAF_CHECK_EQUAL(status().used_today, 1);
  // In winter the day begins an hour later.
  now = at("2026-12-02T04:30:00Z");
  acquire("A");
  CAF_CHECK_EQUAL(format_rfc3339(timestamp{ledger->row.day}),
                  "2026-12-01T00:00:00Z");
}

CAF_TEST(a restart goes on where the ledger stands) {
  start(5, 25);
  acquire("A");
  acquire("B");
  start(5, 25);
  auto x = acquire("C");
  CAF_CHECK(x.granted);
  CAF_CHECK_EQUAL(x.wait_ms, 24'400);
  CAF_CHECK_EQUAL(ledger->row.used, 3);
}

CAF_TEST(what cannot be counted is not granted) {
  start(5, 25);
  CAF_CHECK(acquire("A").granted);
  now += 20s;
  ledger->away = true;
  auto x = acquire("B");
  CAF_CHECK(!x.granted);
  CAF_CHECK_EQUAL(x.wait_ms, 1'000);
  CAF_CHECK(x.reason.find("no connection") != std::string::npos);
  ledger->away = false;
  CAF_CHECK(acquire("B").granted);
  CAF_CHECK_EQUAL(ledger->row.used, 2);
}

CAF_TEST(a call is counted before it is granted) {
  start(5, 25);
  std::int64_t used = -1;
  ledger->on_save = [&] { used = ledger->row.used; };
  CAF_CHECK(acquire("A").granted);
  CAF_CHECK_EQUAL(used, 1);
  CAF_CHECK_EQUAL(ledger->row.used, 1);
  CAF_CHECK(ledger->row.next_slot_at == now + 12'200ms);
}

CAF_TEST(a call whose count may be stored is lost and not made) {
  start(5, 25);
  ledger->loses_answer = true;
  auto x = acquire("A");
  CAF_CHECK(!x.granted);
  CAF_CHECK_EQUAL(ledger->row.used, 1);
  // Loaded again: the slot of the lost call is not given to the next one.
  x = acquire("A");
  CAF_CHECK(x.granted);
  CAF_CHECK_EQUAL(x.wait_ms, 12'200);
  CAF_CHECK_EQUAL(ledger->row.used, 2);
}

CAF_TEST(a slow ledger does not move a call behind its slot) {
  start(5, 0);
  acquire("A");
  ledger->on_save = [this] { now += 3s; };
  CAF_CHECK_EQUAL(acquire("B").wait_ms, 9'200);  // 12.2 s - 3 s
  CAF_CHECK_EQUAL(acquire("C").wait_ms, 18'400); // 24.4 s - 2 * 3 s
}

CAF_TEST(a refusal of one symbol closes the gate for all others) {
  start(5, 25);
  refuse(refusal_class::daily); // of ACME
  for (auto symbol : {"ACME", "TSLA", "MSFT"})
    CAF_CHECK(!acquire(symbol).granted);
  CAF_CHECK_EQUAL(ledger->saves, 0);
}

CAF_TEST(calls counted by another master are seen before the next grant) {
  start(5, 3);
  CAF_CHECK(acquire("A").granted);
  now += 20s;
  ledger->row.used = 3;             // a zombie used up the day
  CAF_CHECK(!acquire("B").granted); // stale: loaded again
  CAF_CHECK(!acquire("B").granted); // used up
  CAF_CHECK_EQUAL(ledger->row.used, 3);
}

CAF_TEST(a refusal closes the gate for as long as it asks) {
  start(0, 0);
  refuse(refusal_class::burst);
  CAF_CHECK_EQUAL(acquire("A").wait_ms, 2'000);
  refuse(refusal_class::per_minute);
  auto x = acquire("A");
  CAF_CHECK(!x.granted);
  CAF_CHECK_EQUAL(x.wait_ms, 60'000);
  refuse(refusal_class::burst); // does not open it sooner
  CAF_CHECK_EQUAL(status().closed_for_ms, 60'000);
  now += 60s;
  CAF_CHECK(acquire("A").granted);
  refuse(refusal_class::per_minute, 90'000);
  CAF_CHECK_EQUAL(status().closed_for_ms, 90'000);
  CAF_CHECK_EQUAL(status().refused, 4);
}

CAF_TEST(a daily refusal closes the gate until midnight in New York) {
  start(0, 0);
  refuse(refusal_class::daily);
  // 10:00 New York: 14 hours.
  CAF_CHECK_EQUAL(status().closed_for_ms, 14 * 3'600'000);
  CAF_CHECK_EQUAL(acquire("A").wait_ms, 60'000);
  now = at("2026-07-02T04:00:00Z");
  CAF_CHECK(acquire("A").granted);
  // Just after midnight the other side's clock may still be on the day before.
  refuse(refusal_class::daily);
  CAF_CHECK_EQUAL(status().closed_for_ms, 3'600'000);
}

CAF_TEST(a refused key is tried again after five minutes) {
  start(0, 0);
  refuse(refusal_class::bad_key);
  auto x = acquire("A");
  CAF_CHECK(!x.granted);
  CAF_CHECK(x.reason.find("API_KEY") != std::string::npos);
  CAF_CHECK_EQUAL(status().closed_for_ms, 300'000);
  now += 5min;
  CAF_CHECK(acquire("A").granted);
}

CAF_TEST(the trouble of one ticker does not close the gate) {
  start(0, 0);
  for (auto kind : {refusal_class::premium, refusal_class::bad_call,
                    refusal_class::unknown, refusal_class::unavailable})
    refuse(kind);
  CAF_CHECK(acquire("A").granted);
}

CAF_TEST(a clock that was set back does not stop the calls) {
  start(5, 0);
  acquire("A");
  now -= 2h;
  auto x = acquire("B");
  CAF_CHECK(x.wait_ms <= 60'000);
  now += 60s;
  CAF_CHECK(acquire("B").granted);
}

CAF_TEST(no minute and no day ever holds more calls than allowed) {
  auto seed = test_seed();
  CAF_MESSAGE("TICKERFLOW_SEED=" << seed);
  std::mt19937_64 random{seed};
  for (int round = 0; round < 20; ++round) {
    auto per_minute = static_cast<std::int64_t>(random() % 12 + 1);
    auto per_day =
        static_cast<std::int64_t>(random() % 2 * (random() % 200 + 1));
    *ledger = scripted_ledger{};
    start(per_minute, per_day);
    now += 24h;
    // Every permit is used, also one that a restart made the quota forget.
    std::set<std::pair<budget_time, std::string>> permits;
    auto until = now + std::chrono::seconds{4'000 + random() % 4'000};
    while (now < until) {
      now += std::chrono::milliseconds{random() % 3'000};
      if (random() % 200 == 0)
        start(per_minute, per_day);
      if (random() % 300 == 0)
        ledger->away = !ledger->away;
      auto symbol = "S" + std::to_string(random() % 15);
      auto x = acquire(symbol);
      if (x.granted)
        permits.emplace(now + std::chrono::milliseconds{x.wait_ms}, symbol);
    }
    std::vector<budget_time> calls;
    for (auto& [time, symbol] : permits)
      calls.push_back(time);
    auto width = static_cast<size_t>(per_minute);
    size_t too_many = 0;
    for (size_t i = width; i < calls.size(); ++i)
      if (calls[i] - calls[i - width] < 60s)
        ++too_many;
    CAF_CHECK_EQUAL(too_many, 0u);
    std::map<date::sys_days, std::int64_t> by_day;
    for (auto x : calls)
      ++by_day[new_york_day(x)];
    if (per_day > 0)
      for (auto& [day, count] : by_day)
        CAF_CHECK(count <= per_day);
    CAF_CHECK(!calls.empty());
    ledger->away = false;
  }
}

CAF_TEST(all symbols get their turn when there are too many) {
  start(5, 0);
  // 20 symbols ask whenever they are told to: 4 minutes a round.
  std::map<std::string, budget_time> next;
  std::map<std::string, int> calls;
  for (int i = 0; i < 20; ++i)
    next["S" + std::to_string(i)] = now;
  auto end = now + 40min;
  while (now < end) {
    now += 100ms;
    for (auto& [symbol, due] : next)
      if (due <= now) {
        auto x = acquire(symbol);
        if (x.granted)
          ++calls[symbol];
        due =
            now
            + std::chrono::milliseconds{std::max<std::int64_t>(x.wait_ms, 100)};
      }
  }
  // 40 min * 60 s / 12.2 s = 197 calls, 9 or 10 for each.
  for (auto& [symbol, count] : calls) {
    CAF_CHECK(count >= 8);
    CAF_CHECK(count <= 11);
  }
  CAF_CHECK_EQUAL(calls.size(), 20u);
}

CAF_TEST_FIXTURE_SCOPE_END()
