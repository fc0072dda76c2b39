#pragma once

#include "messages/errc.hpp"

#include <date/date.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace tickerflow {

/// An instant of the budget's clock (UTC).
using budget_time = std::chrono::time_point<std::chrono::system_clock,
                                            std::chrono::milliseconds>;

/// What has to outlive the process that counts an API key's calls.
struct budget_row {
  date::sys_days day{};       // the New York date that `used` belongs to
  std::int64_t used = 0;      // calls counted on that day
  budget_time next_slot_at{}; // no later call may be made before
};

inline bool operator==(const budget_row& x, const budget_row& y) {
  return x.day == y.day && x.used == y.used && x.next_slot_at == y.next_slot_at;
}

inline bool operator!=(const budget_row& x, const budget_row& y) {
  return !(x == y);
}

/// Where an API key's calls are counted. May block; called by one thread.
class budget_ledger {
public:
  virtual ~budget_ledger() = default;

  /// @param key a fingerprint of the API key, never the key
  /// @returns the stored row, a default one if the key is new, or
  ///          `unavailable`
  virtual caf::expected<budget_row> load(const std::string& key) = 0;

  /// Stores `next` in place of `seen`.
  /// @returns an error of code none when it is stored, `unavailable`, or
  ///          `stale_state` if something else than `seen` is stored: another
  ///          process counts the same key, so load again
  virtual caf::error save(const std::string& key, const budget_row& seen,
                          const budget_row& next) = 0;
};

/// Counts for as long as the process lives: for keys without a limit, and for
/// tests.
class memory_ledger : public budget_ledger {
public:
  caf::expected<budget_row> load(const std::string& key) override {
    return rows_[key];
  }

  caf::error save(const std::string& key, const budget_row& seen,
                  const budget_row& next) override {
    auto& row = rows_[key];
    if (row != seen)
      return failure(errc::stale_state, "the call budget was changed by "
                                        "another process: load it again");
    row = next;
    return caf::none;
  }

private:
  std::map<std::string, budget_row> rows_;
};

} // namespace tickerflow
