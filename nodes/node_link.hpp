#pragma once

#include "io/settings/settings.hpp"
#include "messages/coordinator.hpp"
#include "messages/link_connector.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/io/middleman_actor.hpp>

#include <optional>

namespace tickerflow {

// Connections to other nodes. Nothing else knows whether they are encrypted.

/// Checks the certificates, if some are set; notes one that ends within a
/// month.
/// @returns why they cannot be used, for people
std::optional<std::string> link_fault(settings& x);

/// @returns why a master must not listen where it is to, for people: others
///          could reach it and need no certificate
std::optional<std::string> listen_fault(const settings& x);

/// Makes a system's links encrypted if certificates are set.
/// @pre `link_fault(x)` found none
void prepare_links(caf::actor_system_config& cfg, const settings& x);

/// This process' end of its links; it must go before the actor system.
class node_link {
public:
  /// @param system its configuration went through prepare_links()
  explicit node_link(caf::actor_system& system);
  ~node_link();

  node_link(const node_link&) = delete;
  node_link& operator=(const node_link&) = delete;

  /// What connects, for actors: asking it never blocks them.
  const link_connector_actor& connector() const { return connector_; }

  /// Listens for other nodes.
  /// @returns the port
  caf::expected<std::uint16_t> publish(const coordinator_actor& x,
                                       const endpoint& address);

  void unpublish(const coordinator_actor& x, std::uint16_t port);

private:
  caf::actor_system& system_;
  caf::io::middleman_actor middleman_;
  link_connector_actor connector_;
};

} // namespace tickerflow
