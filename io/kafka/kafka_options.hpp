#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tickerflow {

/// How to reach a Kafka cluster.
struct kafka_options {
  std::string brokers; // "host:port,host:port"
  std::string client_id = "tickerflow";
  /// Further librdkafka properties, e.g. security.protocol.
  std::vector<std::pair<std::string, std::string>> properties;
};

} // namespace tickerflow
