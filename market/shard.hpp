#pragma once

#include <cstdint>
#include <string_view>

namespace tickerflow {

/// Kafka's own hash of a record key (murmur2 with Kafka's seed).
/// Source  org.apache.kafka.common.utils.Utils.murmur2
std::uint32_t murmur2(std::string_view key);

/// The shard, that is the partition of the raw topic, of a symbol: what
/// Kafka's default partitioner gives, so that any client agrees.
/// @pre `shards > 0`
std::int32_t shard_of(std::string_view symbol, std::int32_t shards);

} // namespace tickerflow
