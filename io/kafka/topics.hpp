#pragma once

#include "io/kafka/kafka_options.hpp"
#include "messages/errc.hpp"

#include <chrono>

namespace tickerflow {

/// A topic as it has to be.
struct topic_wish {
  std::string name;
  std::int32_t partitions = 1;
  std::int32_t replication = 1;
  std::vector<std::pair<std::string, std::string>> settings;
};

struct topic_facts {
  std::string name;
  std::int32_t partitions = 0;
  bool created = false;
};

struct kafka_facts {
  std::string cluster_id;
  std::vector<topic_facts> topics; // as in the wishes
};

/// Makes the topics that do not exist; those that do are left as they are.
/// Blocks.
/// Errors  unavailable, refused, bad_setting
caf::expected<kafka_facts> ensure_topics(const kafka_options& options,
                                         const std::vector<topic_wish>& wishes,
                                         std::chrono::milliseconds timeout);

} // namespace tickerflow
