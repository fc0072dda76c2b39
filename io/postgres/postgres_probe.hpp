#pragma once

#include "messages/errc.hpp"

#include <memory>
#include <string>

namespace tickerflow {

/// Asks PostgreSQL whether it is there, over a connection that is kept. One
/// thread.
class postgres_probe {
public:
  explicit postgres_probe(std::string dsn);
  ~postgres_probe();

  /// Blocks.
  /// Errors  unavailable, refused; none: it has answered
  caf::error ask();

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickerflow
