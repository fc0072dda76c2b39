#pragma once

#include <caf/actor_system.hpp>
#include <caf/logger.hpp>
#include <caf/scoped_actor.hpp>

namespace tickerflow {

/// How a thread that outlives an actor system, e.g. one of a web server's,
/// talks to its actors: `f(scoped_actor&)`.
///
/// In CAF 0.17.6 a `scoped_actor` leaves the system's logger with its thread,
/// until the thread ends, and the system's destructor waits for the logger: a
/// node would never stop, a master that lost its lead never wait for it again.
template <class Function>
void ask_from_foreign_thread(caf::actor_system& system, Function&& f) {
  struct release {
    ~release() { caf::logger::set_current_actor_system(nullptr); }
  } after_the_actor;
  caf::scoped_actor self{system};
  f(self);
}

} // namespace tickerflow
