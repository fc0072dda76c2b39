#pragma once

#include "messages/errc.hpp"
#include "messages/shard_write.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace tickerflow {

/// Reads and writes shards in PostgreSQL; one connection, one thread.
///
/// Errors  fenced (context: text, stored epoch), unavailable, refused,
///         stale_state: the owner has to rebuild from `claim`;
///         malformed_record: PostgreSQL takes one of the rows never
class shard_store {
public:
  /// @param answer_within a server that takes longer is `unavailable`; less
  ///        than aggregators wait, so that their requests do not pile up
  explicit shard_store(
      std::string dsn,
      std::chrono::milliseconds answer_within = std::chrono::seconds{45});
  ~shard_store();

  /// Makes a node the shard's owner and reads what it starts from, in one
  /// transaction: no older owner can write in between. The same process may
  /// claim the same epoch again, to start anew from what is stored.
  caf::expected<shard_state> claim(const shard_claim& x);

  /// Writes all of it, or nothing. The same write may be repeated after
  /// `unavailable`: one that was committed is recognised by its offsets.
  /// @returns the offset that is now stored
  caf::expected<std::int64_t> write(const shard_write& x);

  /// Counts a failure at a record, also for other nodes, if the epoch is still
  /// the stored one.
  /// @returns how often an aggregator failed at the record by now
  caf::expected<std::int32_t> note_failure(const record_failure& x);

  /// Reads one day of one symbol, and the rest of its week; empty if the
  /// calendar has no such day. Only for the shard's owner: what a newer one
  /// wrote is ahead of the records that an older one still has.
  caf::expected<std::vector<stored_day>> load(const day_request& x);

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

/// @returns the stored epoch that fenced us, 0 for other errors
std::int64_t fencing_epoch(const caf::error& x);

} // namespace tickerflow
