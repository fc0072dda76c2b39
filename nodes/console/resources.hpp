#pragma once

#include "io/kafka/kafka_options.hpp"
#include "io/web_server/web_message.hpp"
#include "nodes/console/access.hpp"
#include "nodes/console/audit.hpp"
#include "nodes/console/cluster_json.hpp"
#include "nodes/console/hub.hpp"

#include <functional>
#include <memory>
#include <string>

namespace tickerflow::console {

struct resource_options {
  std::string node; // this process' name
  std::string postgres_dsn;
  kafka_options kafka;
  std::string topic_raw;
  view_settings view;
};

/// What the API has to tell and to do, by path: see console/openapi.yaml. Knows
/// nothing of sessions. Thread-safe.
class resources {
public:
  resources(resource_options options, hub& cluster, audit& log);
  ~resources();

  /// @returns the methods that a path takes, "GET, POST"; empty: no such path
  std::string methods_of(const std::string& path) const;

  /// Reads.
  /// @throws problem
  web_reply get(const std::string& path, const std::string& query) const;

  /// Acts, and notes that in the audit.
  /// @throws problem
  web_reply act(const std::string& path, const std::string& query,
                const caller& who) const;

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickerflow::console
