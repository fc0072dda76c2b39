#pragma once

#include "io/local_servers/kafka_server.hpp"
#include "io/local_servers/postgres_server.hpp"

#include <memory>
#include <string>
#include <vector>

namespace tickerflow::soak {

/// A Kafka and a PostgreSQL of our own, each restartable on its port and data.
class servers {
public:
  /// Starts both and waits until they serve.
  /// @param folder the user postgres has to reach it
  /// @throws std::runtime_error saying why they do not
  explicit servers(const std::string& folder);

  std::string brokers() const;
  std::string dsn() const;

  /// Ends Kafka: by SIGKILL, or in order.
  void stop_kafka(bool kill);

  /// Starts it again; it serves some seconds later.
  void start_kafka();

  /// Ends PostgreSQL: SIGKILL of the postmaster, or an immediate shutdown.
  void stop_postgres(bool kill);
  void start_postgres();

  /// Whether they serve; answers within a second.
  bool kafka_serves() { return kafka_ && kafka_->ready(); }
  bool postgres_serves() { return postgres_ && postgres_->ready(); }

  /// Servers that ended without being told to, with the ends of their logs:
  /// each once. They are down then.
  std::vector<std::string> take_unexpected_ends();

private:
  kafka_server_options kafka_options_;
  postgres_server_options postgres_options_;
  std::unique_ptr<kafka_server> kafka_;
  std::unique_ptr<postgres_server> postgres_;
};

} // namespace tickerflow::soak
