#define CAF_SUITE fetching

#include "actors/api_client.hpp"
#include "actors/fetcher.hpp"
#include "actors/quota.hpp"
#include "io/event/event.hpp"
#include "io/simulator/simulator.hpp"
#include "market/exchange_time.hpp"
#include "messages/setup.hpp"
#include "test/http_probe.hpp"

#include <caf/all.hpp>
#include <caf/test/unit_test.hpp>

#include <nlohmann/json.hpp>

#include <map>
#include <mutex>
#include <thread>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

struct config : caf::actor_system_config {
  config() {
    add_messages(*this);
    set("scheduler.max-threads", size_t{2});
  }
};

/// Keeps the newest form of each bar, as the topic's reader would.
struct topic {
  std::mutex mutex;
  std::map<std::string, bar> bars; // by symbol and start
  int failures = 3;                // answers `unavailable` so often
  int faulty = 0;                  // events that do not parse
};

std::string name_of(const std::string& symbol, timestamp start) {
  return symbol + ' ' + format_rfc3339(start);
}

caf::result<std::int64_t> take(topic& t, const outgoing_batch& batch) {
  std::lock_guard guard{t.mutex};
  if (t.failures > 0) {
    --t.failures;
    return failure(errc::unavailable, "no broker");
  }
  event_parser parser;
  for (auto& record : batch.records) {
    auto& x = parser.parse(record.value);
    if (x.fault == event_fault::none)
      t.bars[name_of(x.value.symbol, x.value.start)] = x.value;
    else
      ++t.faulty;
  }
  return static_cast<std::int64_t>(batch.records.size());
}

kafka_bridge_actor::behavior_type bridge_to(kafka_bridge_actor::pointer,
                                            topic* t) {
  return {
      [](open_feed_atom, std::int32_t, std::int64_t, std::int64_t,
         const aggregator_actor&) {},
      [](close_feed_atom, std::int32_t, std::int64_t) {},
      [](grant_atom, std::int32_t, std::int64_t, std::int32_t) {},
      [t](publish_atom, const outgoing_batch_ptr& x) { return take(*t, *x); },
      [](poll_atom) {},
  };
}

} // namespace

CAF_TEST(every final bar of a faulty source arrives with its right values) {
  // Real threads, sockets and time: 6 s are over three hours of the exchange.
  simulator_options source;
  source.port = 0;
  source.start = "2020-11-04 10:00";
  source.speed = 2'000;
  source.faults = {"corrected:0.1", "late:0.1", "http_503:2",
                   "truncated:2",   "burst:1",  "csv_spelled:1"};
  simulator server{source};
  server.start();
  const std::vector<std::string> symbols{"TSLA", "MSFT", "AAPL"};
  topic t;
  {
    config cfg;
    caf::actor_system system{cfg};
    auto budget = system.spawn<caf::detached>(quota, quota_options{});
    api_client_options client;
    client.http.url = server.url();
    client.key = "SECRET0000000000";
    auto api = system.spawn<caf::detached>(api_client, client);
    auto bridge = system.spawn(bridge_to, &t);
    std::vector<caf::actor> all;
    for (auto& symbol : symbols) {
      fetcher_options options;
      options.symbol = symbol;
      options.poll_interval = 50ms;
      options.seed = std::hash<std::string>{}(symbol);
      all.push_back(caf::actor_cast<caf::actor>(system.spawn(
          fetcher, fetcher_neighbours{budget, api, bridge}, options)));
    }
    std::this_thread::sleep_for(6s);
    server.set_speed(0);
    std::this_thread::sleep_for(1500ms); // the last polls
    all.push_back(caf::actor_cast<caf::actor>(budget));
    all.push_back(caf::actor_cast<caf::actor>(api));
    all.push_back(caf::actor_cast<caf::actor>(bridge));
    for (auto& x : all)
      caf::anon_send_exit(x, caf::exit_reason::kill);
  }
  // Bars of the last ten minutes may still be served wrong or not at all.
  auto settled = server.now() - 12min;
  size_t compared = 0;
  size_t wrong = 0;
  for (auto& symbol : symbols) {
    auto reply = probe::get(server.port(), "/sim/truth?interval=5min&symbol="
                                               + symbol + "&from=2020-11-04");
    auto truth = nlohmann::json::parse(reply.body);
    for (auto& row : truth["bars"]) {
      auto start = *parse_rfc3339(row["start"].get<std::string>());
      if (start < *parse_rfc3339("2020-11-04T15:00:00Z")
          || start + 5min > settled)
        continue;
      ++compared;
      auto found = t.bars.find(name_of(symbol, start));
      auto close_e4 = row["close_e4"].get<std::int64_t>();
      if (found == t.bars.end() || found->second.close_e4 != close_e4)
        ++wrong;
    }
  }
  CAF_MESSAGE("now=" << format_rfc3339(server.now())
                     << " compared=" << compared);
  CAF_CHECK(compared > 30);
  CAF_CHECK_EQUAL(wrong, 0u);
  CAF_CHECK_EQUAL(t.faulty, 1); // the refusal spelled into cells
}
