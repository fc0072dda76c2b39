#pragma once

#include "messages/errc.hpp"
#include "messages/introspection.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace tickerflow {

/// Reads what the actors of this process do: without a message to any of them,
/// so that it answers whatever they are busy with. Thread-safe.
class node_introspection {
public:
  /// A snapshot is read anew when it is older.
  static constexpr std::chrono::milliseconds fresh_for{500};

  /// @param node as the cluster calls this process
  /// @param system only actors of this one; null: all of the process
  explicit node_introspection(std::string node,
                              const caf::actor_system* system = nullptr);

  node_introspection(const node_introspection&) = delete;
  node_introspection& operator=(const node_introspection&) = delete;

  /// @param flow count who sends to whom, from now until some seconds after
  ///        the last such question
  node_snapshot snapshot(bool flow);

  /// Looks at one actor closely, from now until some seconds after the last
  /// such question. The first answer has no messages and no state yet.
  ///
  /// Errors  bad_request if no such actor lives
  caf::expected<actor_detail> inspect(std::uint64_t serial);

  /// @returns log lines of this process after a sequence
  log_page logs(std::uint64_t after) const;

  /// Ends an actor so that its supervisor starts another.
  /// @returns what was done
  ///
  /// Errors  bad_request if it does not live or nobody would start another
  caf::expected<std::string> restart(std::uint64_t serial);

private:
  node_snapshot read(bool flow) const;

  std::string node_;
  const caf::actor_system* system_;
  std::mutex mutex_;
  node_snapshot cached_;
  bool with_flow_ = false; // `cached_` has edges
  std::chrono::steady_clock::time_point read_at_{};
};

} // namespace tickerflow
