#pragma once

#include "actors/observed.hpp"
#include "messages/ticker_keeper.hpp"

#include <memory>

namespace tickerflow {

class paused_tickers;

struct ticker_keeper_state {
  static constexpr const char* name = "ticker_keeper";

  ticker_keeper_state();
  ~ticker_keeper_state();

  std::unique_ptr<paused_tickers> store;
};

/// Writes an operator's decisions about tickers for the coordinator, which must
/// not wait for a database. Blocks: spawn it detached.
/// @param term of the master that it works for
ticker_keeper_actor::behavior_type
ticker_keeper(observed_pointer<ticker_keeper_actor, ticker_keeper_state> self,
              std::string dsn, std::int64_t term);

} // namespace tickerflow
