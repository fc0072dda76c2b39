#pragma once

#include "messages/errc.hpp"

#include <memory>
#include <string>

namespace tickerflow {

/// Looks from outside who leads. One connection, one thread.
class leader_view {
public:
  explicit leader_view(std::string dsn);
  ~leader_view();

  /// @returns the URL of the leader's console; empty: it has none, or nobody
  ///          leads
  ///
  /// Errors  unavailable, refused
  caf::expected<std::string> console();

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickerflow
