#pragma once

#include "actors/restart_policy.hpp"

#include <caf/actor_control_block.hpp>

#include <functional>
#include <optional>
#include <string>

namespace tickerflow {

/// An actor that others of its node work with, and how another is made when it
/// fails.
struct neighbour {
  std::string kind; // as on the board: "postgres_writer"
  caf::strong_actor_ptr handle;
  std::function<caf::strong_actor_ptr()> make;
  restart_policy restarts{};
  std::optional<restart_policy::time> due{}; // failed: when to make another
};

} // namespace tickerflow
