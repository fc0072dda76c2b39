#pragma once

#include "io/kafka/kafka_options.hpp"
#include "messages/errc.hpp"

#include <chrono>
#include <memory>

namespace tickerflow {

/// Asks Kafka whether it is there, over a connection that is kept. One thread.
class kafka_probe {
public:
  explicit kafka_probe(kafka_options options);
  ~kafka_probe();

  /// Blocks.
  /// Errors  unavailable, refused, bad_setting; none: a broker has answered
  caf::error ask(std::chrono::milliseconds timeout);

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickerflow
