#pragma once

#include "actors/observed.hpp"
#include "messages/postgres_writer.hpp"

#include <memory>

namespace tickerflow {

class shard_store;

struct postgres_writer_state {
  static constexpr const char* name = "postgres_writer";

  postgres_writer_state();
  ~postgres_writer_state();

  void tell(state_page& out) const;

  /// Counts a result of the store.
  template <class T>
  void note(std::int64_t& count, const caf::expected<T>& x) {
    ++count;
    if (x)
      return;
    ++failures;
    last_failure = text_of(x.error());
  }

  std::unique_ptr<shard_store> store;
  std::int64_t claims = 0;
  std::int64_t writes = 0;
  std::int64_t loads = 0;
  std::int64_t failures = 0; // of all three
  std::string last_failure;
};

/// Executes claims, writes and loads one after the other on one connection.
/// Blocks: spawn it detached.
postgres_writer_actor::behavior_type postgres_writer(
    observed_pointer<postgres_writer_actor, postgres_writer_state> self,
    std::string dsn);

} // namespace tickerflow
