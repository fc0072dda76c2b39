#pragma once

#include "actors/observed.hpp"
#include "io/kafka/producer.hpp"
#include "io/kafka/reader.hpp"
#include "messages/kafka_bridge.hpp"

#include <map>
#include <memory>

namespace tickerflow {

/// What the bridge is started with.
struct kafka_bridge_options {
  reader_options reader;
  /// Longest sleep of the poll loop: how late a grant may be seen.
  std::chrono::milliseconds idle_wait{5};
  /// Batches on their way to the brokers; who comes with more is told to come
  /// again.
  size_t most_batches = 1'000;
};

/// One partition that is read for one aggregator.
struct kafka_feed {
  std::int64_t epoch = 0;
  std::int64_t next_offset = 0;
  std::int32_t credit = 0; // batches that may still be sent
  bool open = false;       // false: opening failed, it is tried again
  aggregator_actor aggregator;
};

struct kafka_bridge_state {
  static constexpr const char* name = "kafka_bridge";

  void open_feed(std::int32_t shard, std::int64_t epoch, std::int64_t offset,
                 const aggregator_actor& aggregator);
  void close_feed(std::int32_t shard, std::int64_t epoch);
  void poll();
  void count_produced();
  bool pump(std::int32_t shard, kafka_feed& feed);
  void tell(state_page& out) const;
  void reposition(std::int32_t shard, kafka_feed& feed, caf::error& reason);

  kafka_bridge_actor::pointer self = nullptr;
  kafka_bridge_options options;
  std::unique_ptr<kafka_reader> reader;
  std::unique_ptr<kafka_producer> producer;
  std::map<std::int32_t, kafka_feed> feeds;
  std::shared_ptr<queue_counter> records; // that the producer holds
  std::shared_ptr<queue_counter> batches; // that it has not answered
};

/// Polls Kafka for all shards of the node and produces for all its actors.
/// A feed without credit is not read: Kafka keeps what PostgreSQL cannot take.
/// Blocks: spawn it detached. Quits with `bad_setting` if librdkafka refuses a
/// property.
kafka_bridge_actor::behavior_type
kafka_bridge(observed_pointer<kafka_bridge_actor, kafka_bridge_state> self,
             kafka_bridge_options options);

} // namespace tickerflow
