#pragma once

#include "market/bar.hpp"
#include "messages/errc.hpp"

#include <memory>
#include <string>

namespace tickerflow {

/// What is stored of an API key's budget.
struct budget_row {
  std::string day; // New York date, "2026-11-24"; empty: nothing stored yet
  std::int64_t used = 0;
  std::int64_t next_slot_ms = 0; // since 1970: no call before
};

/// Where the quota writes down each call before it grants it.
class budget_ledger {
public:
  virtual ~budget_ledger() = default;

  /// Errors  unavailable, refused
  virtual caf::expected<budget_row> load() = 0;
  virtual caf::error save(const budget_row& x) = 0;
};

/// @returns the ledger in pipeline.api_budget; the key is stored as a hash
std::unique_ptr<budget_ledger> make_postgres_ledger(std::string dsn,
                                                    const std::string& key);

} // namespace tickerflow
