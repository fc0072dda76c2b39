#pragma once

#include "nodes/commands/look.hpp"

namespace tickerflow {

/// `actors tail`: each message that an actor handles and each of its log lines,
/// as they come.
struct tail_command : look_options {
  std::string actor;
  double for_s = 0; // 0: until the user ends it

  int run() const;
};

} // namespace tickerflow
