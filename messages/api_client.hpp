#pragma once

#include "messages/types.hpp"

#include <caf/typed_actor.hpp>

namespace tickerflow {

/// Calls the API. Blocks: detached, a few for each node.
using api_client_actor = caf::typed_actor<
    // Answers the bars, or an error: `unavailable`, `refused` (key),
    // `bad_request`, `budget_exhausted`; its context is (text, api_refusal).
    caf::replies_to<fetch_atom, intraday_request>::with<intraday_answer_ptr>>;

} // namespace tickerflow
