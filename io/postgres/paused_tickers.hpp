#pragma once

#include "messages/errc.hpp"

#include <memory>
#include <string>

namespace tickerflow {

/// Writes which tickers an operator has paused. One connection, one thread;
/// `prepare_pipeline` reads them.
class paused_tickers {
public:
  /// @param term of the master that writes: once another leads, it may not
  paused_tickers(std::string dsn, std::int64_t term);
  ~paused_tickers();

  /// @returns what is stored now
  ///
  /// Errors  bad_request if the ticker is not known, fenced if another master
  ///         leads, unavailable, refused
  caf::expected<bool> set(const std::string& symbol, bool paused);

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickerflow
