#include "nodes/fetching.hpp"

#include "actors/api_client.hpp"
#include "actors/fetcher.hpp"
#include "actors/quota.hpp"
#include "io/alpha_vantage/request.hpp"
#include "io/postgres/postgres_ledger.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <functional>

namespace tickerflow {

namespace {

/// Calls that a node makes at once. The API's budget is small; a simulator or
/// a large plan is served by a handful of kept connections.
constexpr size_t clients_of_a_node = 4;

api_client_options client_options(const settings& x) {
  api_client_options result;
  result.http.url = x.api.url;
  result.http.ca_file = x.api.ca_file;
  result.http.total_timeout = x.api.timeout;
  result.key = x.api.key;
  result.label = x.api.label;
  result.extended_hours = x.api.extended_hours;
  result.entitlement = x.api.entitlement;
  return result;
}

} // namespace

quota_actor spawn_quota(caf::actor_system& system, const settings& x) {
  quota_options options;
  options.limits.per_minute = x.api.calls_per_minute;
  options.limits.per_day = x.api.calls_per_day;
  options.key_fingerprint = key_fingerprint(x.api.key);
  if (options.limits.any())
    options.ledger = make_postgres_ledger(x.postgres.dsn);
  else
    options.ledger = std::make_shared<memory_ledger>();
  return system.spawn<caf::detached>(quota, std::move(options));
}

struct fetching::implementation {
  caf::actor_system& system;
  const settings& x;
  api_client_options client; // one for all: they share what they learn
  std::vector<api_client_actor> clients;
  size_t next_client = 0;
};

fetching::fetching(caf::actor_system& system, const settings& x)
    : implementation_(std::make_unique<implementation>(
        implementation{system, x, client_options(x), {}, 0})) {
  if (x.api.key.empty())
    return; // a node without a key stores what others publish
  for (size_t i = 0; i < clients_of_a_node; ++i)
    implementation_->clients.push_back(
        system.spawn<caf::detached>(api_client, implementation_->client));
}

fetching::~fetching() {
  for (auto& client : implementation_->clients)
    caf::anon_send_exit(client, caf::exit_reason::user_shutdown);
}

std::vector<neighbour> fetching::neighbours() {
  std::vector<neighbour> result;
  auto& y = *implementation_;
  for (size_t i = 0; i < y.clients.size(); ++i) {
    neighbour x;
    x.kind = "api_client";
    x.handle = caf::actor_cast<caf::strong_actor_ptr>(y.clients[i]);
    x.make = [&y, i] {
      y.clients[i] = y.system.spawn<caf::detached>(api_client, y.client);
      return caf::actor_cast<caf::strong_actor_ptr>(y.clients[i]);
    };
    result.push_back(std::move(x));
  }
  return result;
}

fetcher_factory fetching::factory() {
  if (implementation_->clients.empty())
    return {};
  return [this](const ticker_spec& ticker, std::int64_t last_bar_s,
                const quota_actor& quota, const kafka_bridge_actor& bridge) {
    auto& y = *implementation_;
    fetcher_options options;
    options.symbol = ticker.symbol;
    options.interval = std::chrono::seconds{ticker.interval_s};
    options.topic = y.x.kafka.topic_raw;
    options.last_stored = timestamp{std::chrono::seconds{last_bar_s}};
    options.extended_hours = y.x.api.extended_hours;
    options.backfill_months = y.x.api.backfill_months;
    options.poll_interval = y.x.api.poll_interval;
    // Longer than a call before it takes: else calls would pile up.
    options.fetch_timeout =
        std::max(options.fetch_timeout, y.x.api.timeout * 2);
    options.seed = std::hash<std::string>{}(ticker.symbol);
    auto client = y.clients[y.next_client++ % y.clients.size()];
    return y.system.spawn(fetcher, fetcher_neighbours{quota, client, bridge},
                          options);
  };
}

} // namespace tickerflow
