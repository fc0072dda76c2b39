#pragma once

#include <caf/node_id.hpp>
#include <caf/typed_actor.hpp>

#include <set>
#include <string>

namespace tickerflow {

/// Connects to the actor that another node publishes at a port; lives on the
/// node that connects.
using link_connector_actor = caf::typed_actor<
    // Host and port. `unavailable` with cause and what to do in words; no
    // actor if none is published there.
    caf::replies_to<caf::connect_atom, std::string, std::uint16_t>::with<
        caf::node_id, caf::strong_actor_ptr, std::set<std::string>>>;

} // namespace tickerflow
