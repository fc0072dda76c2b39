#pragma once

#include "actors/observed.hpp"
#include "messages/coordinator.hpp"

#include <chrono>
#include <memory>

namespace tickerflow {

class leadership;

/// Renews the leadership; quits when there is nothing to renew.
using leadership_keeper_actor = caf::typed_actor<caf::reacts_to<tick_atom>>;

struct leadership_keeper_options {
  std::chrono::milliseconds interval{500};
  /// A coordinator that does not answer for so long is given up: somebody
  /// else has to lead.
  std::chrono::milliseconds coordinator_dead_after{10'000};
};

struct leadership_keeper_state {
  static constexpr const char* name = "leadership_keeper";

  void tick();
  void tell(state_page& out) const;

  leadership_keeper_actor::pointer self = nullptr;
  std::shared_ptr<leadership> hold;
  coordinator_actor coordinator;
  leadership_keeper_options options;
  std::chrono::steady_clock::time_point answered;
  bool outage_told = false;
};

/// Quits with `fenced` when another master leads, with `unavailable` when the
/// coordinator hangs; goes on while the database is away, for then nobody else
/// can lead either. Blocks: spawn it detached.
leadership_keeper_actor::behavior_type leadership_keeper(
    observed_pointer<leadership_keeper_actor, leadership_keeper_state> self,
    std::shared_ptr<leadership> hold, coordinator_actor coordinator,
    leadership_keeper_options options);

} // namespace tickerflow
