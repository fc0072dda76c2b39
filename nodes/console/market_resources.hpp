#pragma once

#include "io/postgres/market_view.hpp"
#include "nodes/console/cluster_json.hpp"
#include "nodes/console/query.hpp"
#include "nodes/console/view_pool.hpp"

namespace tickerflow::console {

/// Tickers, bars, windows and gaps. Thread-safe.
/// Errors  each throws `problem`
class market_resources {
public:
  market_resources(std::string dsn, view_settings view)
      : views_(std::move(dsn)), view_(std::move(view)) {}

  json tickers(const picture& x, const query& parameters) const;
  json ticker(const picture& x, const std::string& symbol) const;
  web_reply bars(const std::string& symbol, const query& parameters) const;
  web_reply windows(const std::string& symbol, const query& parameters) const;
  json gaps(const picture& x, const query& parameters) const;

private:
  /// The value, or the problem thrown.
  template <class F>
  auto ask(F f) const;

  /// Gaps of a symbol, newest first, at most so many.
  json gaps_of(const std::string& symbol, std::optional<timestamp> from,
               std::optional<timestamp> to, std::size_t limit) const;

  mutable view_pool<market_view> views_;
  view_settings view_;
};

/// @returns the symbol in upper case
/// @throws problem if it can be none
std::string symbol_in(const std::string& text);

/// Where a ticker is in a status; nulls: nowhere.
std::pair<const shard_status*, const ticker_report*>
find_ticker(const cluster_status& x, const std::string& symbol);

} // namespace tickerflow::console
