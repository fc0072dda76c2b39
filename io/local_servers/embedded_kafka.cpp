#include "io/local_servers/embedded_kafka.hpp"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

namespace tickerflow {

struct embedded_kafka::implementation {
  rd_kafka_t* client = nullptr;
  rd_kafka_mock_cluster_t* cluster = nullptr;

  ~implementation() {
    if (cluster)
      rd_kafka_mock_cluster_destroy(cluster);
    if (client)
      rd_kafka_destroy(client);
  }
};

embedded_kafka::embedded_kafka()
    : implementation_(std::make_unique<implementation>()) {
  // nop
}

embedded_kafka::~embedded_kafka() = default;

caf::expected<std::unique_ptr<embedded_kafka>>
embedded_kafka::start(const std::vector<topic>& topics) {
  std::unique_ptr<embedded_kafka> result{new embedded_kafka};
  auto& x = *result->implementation_;
  char reason[256];
  x.client = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), reason,
                          sizeof reason);
  if (x.client)
    x.cluster = rd_kafka_mock_cluster_new(x.client, 1);
  if (!x.cluster)
    return failure(errc::unavailable,
                   std::string{"the embedded Kafka cannot start: "} + reason);
  // The mock does not make topics on request.
  for (auto& t : topics)
    rd_kafka_mock_topic_create(x.cluster, t.name.c_str(), t.partitions, 1);
  return result;
}

std::string embedded_kafka::brokers() const {
  return rd_kafka_mock_cluster_bootstraps(implementation_->cluster);
}

} // namespace tickerflow
