#pragma once

#include "messages/types.hpp"

#include <caf/typed_actor.hpp>

namespace tickerflow {

/// Owns the API key's budget for the whole cluster; lives on the master.
using quota_actor = caf::typed_actor<
    // Reserves the symbol's next call; counted before it is granted.
    caf::replies_to<acquire_atom, std::string>::with<api_permit>,
    // The API refused: closes the gate for as long as the refusal asks.
    caf::reacts_to<refused_atom, api_refusal>,
    caf::replies_to<status_atom>::with<budget_status>>;

} // namespace tickerflow
