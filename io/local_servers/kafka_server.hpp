#pragma once

#include "io/local_servers/child_process.hpp"

#include <functional>

namespace tickerflow {

struct kafka_server_options {
  std::string data_dir;
  std::string cache_dir; // has the jars, see `fetch`
  std::uint16_t port = 9094;
  bool survive = false; // lives on when we end
};

/// A real Apache Kafka of one node in KRaft mode, with Java.
class kafka_server {
public:
  static bool have_java();

  /// @returns TICKERFLOW_CACHE, else /var/cache/tickerflow for root, else
  ///          tickerflow in the user's cache folder
  static std::string default_cache();

  /// Puts Kafka's jars into a cache, once, with Maven.
  /// Errors  bad_setting: no Java or Maven; unavailable: no download
  static caf::error fetch(const std::string& cache_dir,
                          const std::function<void(const std::string&)>& tell);

  /// Starts it and does not wait; its data survives.
  static caf::expected<std::unique_ptr<kafka_server>>
  start(kafka_server_options options);

  ~kafka_server() { stop(); }

  /// @returns whether it serves clients
  bool ready();

  std::string brokers() const;
  child_process& process() { return *process_; }
  const child_process& process() const { return *process_; }
  void stop();

private:
  kafka_server() = default;

  kafka_server_options options_;
  std::unique_ptr<child_process> process_;
};

} // namespace tickerflow
