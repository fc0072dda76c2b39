#pragma once

#include "io/settings/settings.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace tickerflow {

/// Whether a server that the node needs has answered.
struct dependency_state {
  std::string name; // "kafka", "postgres"
  bool up = false;
  std::string reason; // why it is not up, for people
};

/// Asks Kafka and PostgreSQL in a thread of its own, every 5 s, as long as
/// somebody has looked within the last minute.
class dependency_watch {
public:
  explicit dependency_watch(const settings& x);

  /// Does not wait for a server that hangs.
  ~dependency_watch();

  dependency_watch(const dependency_watch&) = delete;
  dependency_watch& operator=(const dependency_watch&) = delete;

  /// Looks. Waits until an answer of the last 15 s is there, but not longer
  /// than `patience`; without one a dependency is not up.
  std::vector<dependency_state> look(std::chrono::milliseconds patience);

private:
  struct implementation;
  std::shared_ptr<implementation> implementation_;
};

} // namespace tickerflow
