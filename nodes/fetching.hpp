#pragma once

#include "actors/node_supervisor.hpp"
#include "io/settings/settings.hpp"
#include "messages/quota.hpp"

namespace tickerflow {

/// Starts the owner of the API key's budget, which is kept in PostgreSQL.
quota_actor spawn_quota(caf::actor_system& system, const settings& x);

/// The API clients of a node, and how its fetchers are made of them. Ends the
/// clients when it goes out of scope: it must go before the actor system.
class fetching {
public:
  fetching(caf::actor_system& system, const settings& x);
  ~fetching();

  fetching(const fetching&) = delete;
  fetching& operator=(const fetching&) = delete;

  /// @returns a factory that is valid as long as this object
  fetcher_factory factory();

  /// @returns the clients, to be started again when they fail; valid as long
  ///          as this object
  std::vector<neighbour> neighbours();

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickerflow
