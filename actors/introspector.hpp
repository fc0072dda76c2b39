#pragma once

#include "actors/observed.hpp"
#include "messages/introspector.hpp"

#include <memory>

namespace tickerflow {

class node_introspection;

struct introspector_state {
  static constexpr const char* name = "introspector";

  std::shared_ptr<node_introspection> node;
};

/// Answers for its process. Spawn it detached: so it answers also when every
/// thread of the scheduler is busy.
introspector_actor::behavior_type
introspector(observed_pointer<introspector_actor, introspector_state> self,
             std::shared_ptr<node_introspection> node);

} // namespace tickerflow
