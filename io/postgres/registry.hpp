#pragma once

#include "messages/cluster.hpp"
#include "messages/errc.hpp"

#include <string>
#include <vector>

namespace tickerflow {

/// What the master finds, and makes sure of, before it hands out shards.
struct pipeline_start {
  std::vector<stored_shard> shards; // by number
  std::vector<std::string> paused;  // tickers that an operator has paused
};

struct pipeline_source {
  std::string topic;
  std::string cluster_id; // of Kafka
  std::int32_t shards = 0;
  /// The offsets of another cluster may be dropped: all records are read
  /// again, known bars are recognised.
  bool reset_offsets = false;
};

/// Registers tickers and shards, and checks that the stored offsets belong to
/// this Kafka cluster.
///
/// Errors  bad_setting if a ticker is stored in another interval, the number of
///         partitions changed or the cluster is another; unavailable, refused
caf::expected<pipeline_start>
prepare_pipeline(const std::string& dsn, const pipeline_source& source,
                 const std::vector<ticker_spec>& tickers);

} // namespace tickerflow
