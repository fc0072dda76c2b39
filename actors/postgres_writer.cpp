#include "actors/postgres_writer.hpp"

#include "io/postgres/shard_store.hpp"

namespace tickerflow {

postgres_writer_state::postgres_writer_state() = default;

postgres_writer_state::~postgres_writer_state() = default;

postgres_writer_actor::behavior_type postgres_writer(
    observed_pointer<postgres_writer_actor, postgres_writer_state> self,
    std::string dsn) {
  self->state.store = std::make_unique<shard_store>(std::move(dsn));
  return {
      [self](claim_atom, const shard_claim& x) -> caf::result<shard_state_ptr> {
        auto result = self->state.store->claim(x);
        self->state.note(self->state.claims, result);
        if (!result)
          return std::move(result.error());
        return std::make_shared<const shard_state>(std::move(*result));
      },
      [self](write_atom,
             const shard_write_ptr& x) -> caf::result<std::int64_t> {
        auto result = self->state.store->write(*x);
        self->state.note(self->state.writes, result);
        if (!result)
          return std::move(result.error());
        return *result;
      },
      [self](failure_atom,
             const record_failure& x) -> caf::result<std::int32_t> {
        auto result = self->state.store->note_failure(x);
        if (!result)
          return std::move(result.error());
        return *result;
      },
      [self](load_atom, const day_request& x) -> caf::result<stored_days_ptr> {
        auto result = self->state.store->load(x);
        self->state.note(self->state.loads, result);
        if (!result)
          return std::move(result.error());
        return std::make_shared<const std::vector<stored_day>>(
            std::move(*result));
      },
  };
}

} // namespace tickerflow
