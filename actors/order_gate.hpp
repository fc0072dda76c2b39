#pragma once

#include "messages/cluster.hpp"

#include <cstdint>
#include <map>

namespace tickerflow {

/// Which orders a worker obeys: the worker's side of `shard_table`.
///
/// Shape   an order in, what to do with it out
/// Rules   An order of an older term than one seen is not obeyed. Of the
///         assigns of one term a shard's epoch rises: one that comes twice, or
///         after the revoke that ends it, is not obeyed.
/// Errors  none. The database fences whoever is wrong all the same; the gate
///         saves the detour, and tells the master what it waits for.
class order_gate {
public:
  enum class verdict : std::uint8_t {
    /// Nothing to do, nothing to answer.
    ignore,
    /// Serve the shard from now on; if it is served already, end that first.
    take,
    /// Write what is pending, stop, call `dropped`, then confirm the order.
    drop,
    /// It is not served: confirm the order at once.
    confirm,
  };

  /// A master has answered our registration.
  /// @returns false if its term is older than one seen: look for another
  bool follow(std::int64_t term);

  verdict assign(const shard_order& x);

  /// Answers `drop` once, and `ignore` until `dropped` is called. It is the
  /// order that has to be confirmed, also where an older epoch is dropped.
  verdict revoke(const shard_order& x);

  /// The shard is no longer served: as ordered, fenced or failed.
  void dropped(std::int32_t shard, std::int64_t epoch);

  /// @returns the epoch at which the shard is served, 0 if it is not
  std::int64_t held(std::int32_t shard) const;

  /// @returns whether a revoke was obeyed that has not ended yet
  bool dropping(std::int32_t shard) const;

  /// @returns the highest term seen
  std::int64_t term() const { return term_; }

private:
  struct entry {
    std::int64_t held = 0; // 0: not served
    bool dropping = false;
    std::int64_t seen = 0; // highest epoch of an order
    std::int64_t seen_term = 0;
  };

  void note(entry& x, const shard_order& order);

  std::int64_t term_ = 0;
  std::map<std::int32_t, entry> shards_;
};

} // namespace tickerflow
