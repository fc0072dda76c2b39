#pragma once

#include "messages/types.hpp"

#include <caf/typed_actor.hpp>

namespace tickerflow {

/// Tells what the actors of its process do, without asking any of them: so it
/// answers also when one of them hangs.
using introspector_actor = caf::typed_actor<
    // All actors; with flow if the argument says so. Counting who sends to whom
    // starts with the first such question and ends some seconds after the last.
    caf::replies_to<snapshot_atom, bool>::with<node_snapshot>,
    // One actor by serial; `bad_request` if there is none. It is looked at
    // closely from the first question until some seconds after the last.
    caf::replies_to<inspect_atom, std::uint64_t>::with<actor_detail>,
    // The log lines after a sequence; 0: all that are kept.
    caf::replies_to<logs_atom, std::uint64_t>::with<log_page>,
    // Ends an actor so that its supervisor starts another; answers what was
    // done, `bad_request` with the reason if that one cannot be restarted.
    caf::replies_to<restart_atom, std::uint64_t>::with<std::string>>;

} // namespace tickerflow
