// The node supervisor's fetchers: started when their shard runs, held while it
// is behind, away while their ticker is paused.

#include "actors/node_supervisor.hpp"

#include <spdlog/spdlog.h>

namespace tickerflow {

/// Starts the shard's fetchers once its aggregator knows the newest bars, and
/// holds them while it is behind.
void node_supervisor_state::supply(served_shard& x) {
  if (x.revoking || leaving || !coordinator || !options.make_fetcher)
    return;
  if (x.report.state == "running")
    for (auto& ticker : x.order.tickers) {
      if (x.fetchers.count(ticker.symbol) > 0 || paused.count(ticker.symbol) > 0
          || std::chrono::steady_clock::now() < x.not_before[ticker.symbol])
        continue;
      std::int64_t last_bar_s = 0;
      for (auto& row : x.report.tickers)
        if (row.symbol == ticker.symbol)
          last_bar_s = row.last_bar_s;
      auto fetcher = options.make_fetcher(ticker, last_bar_s, quota, bridge);
      if (!fetcher)
        continue;
      self->monitor(fetcher);
      if (x.fetcher_deaths.count(ticker.symbol) > 0)
        actor_board::instance().restarted("fetcher");
      if (x.pressed)
        self->send(fetcher, pressure_atom_v, true);
      x.fetchers[ticker.symbol] = fetcher;
    }
  auto pressed =
      x.report.state == "retrying" || x.report.lag > options.pressure_lag;
  if (pressed == x.pressed)
    return;
  x.pressed = pressed;
  spdlog::info("event=pressure shard={} held={} lag={} state={}", x.order.shard,
               pressed, x.report.lag, x.report.state);
  for (auto& [symbol, fetcher] : x.fetchers)
    self->send(fetcher, pressure_atom_v, pressed);
}

void node_supervisor_state::stop_fetchers(served_shard& x) {
  for (auto& [symbol, fetcher] : x.fetchers) {
    self->demonitor(fetcher.address());
    self->send_exit(fetcher, caf::exit_reason::user_shutdown);
  }
  x.fetchers.clear();
  x.fetcher_states.clear();
  x.fetchers_asked.clear();
  x.pressed = false;
}

/// Stops the fetchers of those tickers; the next answer of their aggregator
/// starts those of the others.
void node_supervisor_state::pause(const std::vector<std::string>& symbols) {
  paused = {symbols.begin(), symbols.end()};
  for (auto& [id, shard] : shards)
    for (auto& symbol : paused) {
      auto known = shard.fetchers.find(symbol);
      if (known == shard.fetchers.end())
        continue;
      spdlog::info("event=fetcher_paused symbol={} shard={}", symbol, id);
      self->demonitor(known->second.address());
      self->send_exit(known->second, caf::exit_reason::user_shutdown);
      shard.fetchers.erase(known);
      shard.fetcher_states.erase(symbol);
      shard.fetchers_asked.erase(symbol);
    }
}

} // namespace tickerflow
