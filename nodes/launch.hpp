#pragma once

#include "io/settings/settings.hpp"

#include <string>

namespace tickerflow {

/// What `run` and `demo` start beside the nodes.
struct launch_options {
  bool simulate = false;       // the demo: a simulator takes the API's place
  bool embedded_kafka = false; // librdkafka's mock cluster, no Java
  bool own_kafka = true;       // else settings.kafka.brokers is used
  bool own_postgres = true;    // else settings.postgres.dsn is used
  bool fresh = false;          // forget the data of earlier starts
  int workers = 2;
  double speed = 60;                      // of the simulator's clock
  std::string start = "2020-11-02 09:25"; // of the simulator's clock
};

/// Starts servers and nodes, shows what flows, and stops all of it on SIGINT
/// or SIGTERM. What it started ends with it, however it ends.
/// @pre stop signals are blocked, see process.hpp
/// @returns the process' exit code
int launch(const settings& x, const launch_options& options);

} // namespace tickerflow
