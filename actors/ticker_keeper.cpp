#include "actors/ticker_keeper.hpp"

#include "io/postgres/paused_tickers.hpp"

namespace tickerflow {

ticker_keeper_state::ticker_keeper_state() = default;

ticker_keeper_state::~ticker_keeper_state() = default;

ticker_keeper_actor::behavior_type
ticker_keeper(observed_pointer<ticker_keeper_actor, ticker_keeper_state> self,
              std::string dsn, std::int64_t term) {
  self->state.store = std::make_unique<paused_tickers>(std::move(dsn), term);
  return {
      [self](pause_atom, const std::string& symbol,
             bool paused) -> caf::result<bool> {
        auto result = self->state.store->set(symbol, paused);
        if (!result)
          return std::move(result.error());
        return *result;
      },
  };
}

} // namespace tickerflow
