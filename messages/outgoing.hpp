#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tickerflow {

/// One record to produce. The key decides the partition by murmur2, as in
/// every Kafka client.
struct outgoing_record {
  std::string topic;
  std::string key;
  std::string value;
  std::vector<std::pair<std::string, std::string>> headers{};
};

/// Records that are produced together and confirmed together.
struct outgoing_batch {
  std::vector<outgoing_record> records;
};

using outgoing_batch_ptr = std::shared_ptr<const outgoing_batch>;

} // namespace tickerflow
