#pragma once

#include "messages/coordinator.hpp"
#include "nodes/console/picture.hpp"

#include <caf/scoped_actor.hpp>

#include <functional>
#include <memory>

namespace tickerflow::console {

/// Answers about the actors of this very process.
struct own_process {
  std::function<node_snapshot(bool flow)> snapshot;
  std::function<caf::expected<actor_detail>(std::uint64_t)> inspect;
  std::function<log_page(std::uint64_t)> logs;
  std::function<caf::expected<std::string>(std::uint64_t)> restart;
};

/// Takes a picture of the cluster once a second while somebody looks, in a
/// thread of its own. Whoever looks waits for nobody but the first picture.
class hub {
public:
  /// Nobody has looked for so long: it rests.
  static constexpr std::chrono::seconds rests_after{5};

  /// @param node this process' name
  hub(std::string node, own_process own);
  ~hub();

  hub(const hub&) = delete;
  hub& operator=(const hub&) = delete;

  /// @returns the newest picture; null: this process does not lead, or nothing
  ///          was to be had within two seconds
  picture_ptr look();

  /// The same, and from now until some seconds after the last such call it is
  /// counted who sends to whom.
  picture_ptr look_at_flow();

  /// What an actor of any node is like now.
  caf::expected<actor_detail> inspect(const std::string& node,
                                      std::uint64_t serial);

  /// The log lines that the nodes keep.
  /// @param node empty: all
  std::map<std::string, caf::expected<log_page>> logs(const std::string& node);

  caf::expected<std::string> restart(const std::string& node,
                                     std::uint64_t serial);

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickerflow::console
