#include "io/kafka/kafka_probe.hpp"

#include "io/kafka/client.hpp"

namespace tickerflow {

struct kafka_probe::implementation {
  kafka_options options;
  kafka_handle client; // made by the first question
};

kafka_probe::kafka_probe(kafka_options options)
    : implementation_(std::make_unique<implementation>()) {
  implementation_->options = std::move(options);
}

kafka_probe::~kafka_probe() = default;

caf::error kafka_probe::ask(std::chrono::milliseconds timeout) {
  auto& x = *implementation_;
  if (!x.client) {
    auto made = make_client(RD_KAFKA_PRODUCER, x.options, {});
    if (!made)
      return made.error();
    x.client = std::move(*made);
  }
  rd_kafka_poll(x.client.get(), 0); // or its reports of errors would pile up
  // Of no topic: the brokers alone.
  const rd_kafka_metadata_t* metadata = nullptr;
  auto code = rd_kafka_metadata(x.client.get(), 0, nullptr, &metadata,
                                static_cast<int>(timeout.count()));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return kafka_error(code, "Kafka does not answer");
  rd_kafka_metadata_destroy(metadata);
  kafka_answered(x.client.get());
  return caf::none;
}

} // namespace tickerflow
