#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tickerflow {

/// One record to produce. An empty topic means the raw topic's partitioner
/// has nothing to do with it: it must be named.
struct outgoing_record {
  std::string topic;
  std::string key;
  std::string value;
};

/// Records that are produced together and confirmed together.
struct outgoing_batch {
  std::vector<outgoing_record> records;
};

using outgoing_batch_ptr = std::shared_ptr<const outgoing_batch>;

} // namespace tickerflow
