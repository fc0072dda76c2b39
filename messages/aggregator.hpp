#pragma once

#include "messages/types.hpp"

#include <caf/typed_actor.hpp>

namespace tickerflow {

/// Owns one shard: cleans its records, makes bars and windows, and has them
/// written in order.
using aggregator_actor = caf::typed_actor<
    // Takes the next records of the partition; answers by credit to the bridge.
    caf::reacts_to<records_atom, record_batch_ptr>,
    // Goes on with what waits: a linger or a retry has passed.
    caf::reacts_to<flush_atom>,
    // Takes no more, writes what is pending, answers the stored offset, quits.
    caf::replies_to<revoke_atom>::with<std::int64_t>,
    // A neighbour failed (first) and another has taken its place (second).
    caf::reacts_to<restart_atom, caf::strong_actor_ptr, caf::strong_actor_ptr>,
    caf::replies_to<status_atom>::with<shard_report>>;

} // namespace tickerflow
