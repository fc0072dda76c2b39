#pragma once

#include "io/settings/settings.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tickerflow {

struct kafka_partition {
  int leader = -1; // a broker's id; -1 = none
  int replicas = 0;
  int in_sync = 0;
};

/// A cluster as its metadata describe it.
struct kafka_metadata {
  std::string fault;               // why there are none; empty if there are
  std::map<int, endpoint> brokers; // as advertised, by id
  std::map<std::string, std::vector<kafka_partition>> topics;
};

/// Effective settings of a topic by name ("retention.ms").
struct topic_config {
  std::string fault;
  std::map<std::string, std::string> values;
};

/// Looks at a Kafka cluster and changes nothing. Each call blocks for up to
/// the patience it was made with.
class kafka_view {
public:
  kafka_view(const kafka_settings& options, std::chrono::milliseconds patience);
  ~kafka_view();

  /// @returns why the client cannot be made (a bad property), or nothing
  const std::string& fault() const;

  kafka_metadata metadata();

  topic_config config_of(const std::string& topic);

  /// Asks the brokers to check a creation without doing it.
  /// @returns why they would refuse, or nothing
  std::string cannot_create(const std::string& topic, int partitions,
                            int replication);

private:
  struct client;
  std::unique_ptr<client> client_;
};

} // namespace tickerflow
