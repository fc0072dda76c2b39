#pragma once

#include "messages/aggregator.hpp"
#include "messages/types.hpp"

#include <caf/typed_actor.hpp>

namespace tickerflow {

/// The node's only way to Kafka. Polls: detached, one a node.
using kafka_bridge_actor = caf::typed_actor<
    // Reads a partition (shard, epoch) from an offset on, for an aggregator.
    caf::reacts_to<open_feed_atom, std::int32_t, std::int64_t, std::int64_t,
                   aggregator_actor>,
    // Stops reading the shard if it is still fed at this epoch.
    caf::reacts_to<close_feed_atom, std::int32_t, std::int64_t>,
    // The shard (epoch) may be sent that many more batches.
    caf::reacts_to<grant_atom, std::int32_t, std::int64_t, std::int32_t>,
    // Produces all records; answers their number when the brokers have them
    // all, or `unavailable`: then send the batch again.
    caf::replies_to<publish_atom, outgoing_batch_ptr>::with<std::int64_t>,
    // Its own poll loop.
    caf::reacts_to<poll_atom>>;

} // namespace tickerflow
