#pragma once

#include "messages/types.hpp"

#include <caf/typed_actor.hpp>

namespace tickerflow {

/// Polls the API for one ticker and publishes its new and changed bars.
using fetcher_actor = caf::typed_actor<
    // Starts the next round: permit, call, publish, wait.
    caf::reacts_to<poll_atom>,
    // The shard is (no longer) backed up: hold (resume) polling.
    caf::reacts_to<pressure_atom, bool>,
    // A neighbour failed (first) and another has taken its place (second).
    caf::reacts_to<restart_atom, caf::strong_actor_ptr, caf::strong_actor_ptr>,
    // What it does or waits for, for people.
    caf::replies_to<status_atom>::with<std::string>>;

} // namespace tickerflow
