#pragma once

#include "messages/types.hpp"

#include <caf/typed_actor.hpp>

namespace tickerflow {

/// Reads and writes shards in PostgreSQL. Blocks: detached, one a node.
using postgres_writer_actor = caf::typed_actor<
    // Becomes the owner at the claim's epoch: the state to start from, or
    // `fenced` (context: text, stored epoch) or `unavailable`.
    caf::replies_to<claim_atom, shard_claim>::with<shard_state_ptr>,
    // One transaction; answers the offset now stored. The same write may be
    // sent again after `unavailable`: it is not applied twice.
    caf::replies_to<write_atom, shard_write_ptr>::with<std::int64_t>,
    // Counts that an aggregator failed at a record, so that also another node
    // knows; answers how often it did by now.
    caf::replies_to<failure_atom, record_failure>::with<std::int32_t>,
    // Reads a day of one symbol and the rest of its week.
    caf::replies_to<load_atom, day_request>::with<stored_days_ptr>>;

} // namespace tickerflow
