#pragma once

#include "messages/errc.hpp"

#include <memory>
#include <string>
#include <vector>

namespace tickerflow {

/// librdkafka's mock cluster, in this process: other processes reach it over
/// TCP. Its records are lost when it ends.
class embedded_kafka {
public:
  struct topic {
    std::string name;
    int partitions = 1;
  };

  static caf::expected<std::unique_ptr<embedded_kafka>>
  start(const std::vector<topic>& topics);

  ~embedded_kafka();

  std::string brokers() const;

private:
  embedded_kafka();
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickerflow
