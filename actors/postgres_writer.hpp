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

  std::unique_ptr<shard_store> store;
};

/// Executes claims, writes and loads one after the other on one connection.
/// Blocks: spawn it detached.
postgres_writer_actor::behavior_type postgres_writer(
    observed_pointer<postgres_writer_actor, postgres_writer_state> self,
    std::string dsn);

} // namespace tickerflow
