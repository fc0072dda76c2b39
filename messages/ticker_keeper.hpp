#pragma once

#include "messages/types.hpp"

#include <caf/typed_actor.hpp>

namespace tickerflow {

/// Keeps in the database what an operator decided about tickers.
using ticker_keeper_actor = caf::typed_actor<
    // Pauses or resumes; answers what is stored now. Blocks.
    caf::replies_to<pause_atom, std::string, bool>::with<bool>>;

} // namespace tickerflow
