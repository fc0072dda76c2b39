#pragma once

#include "market/bar.hpp"
#include "market/ticker_book.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tickerflow {

/// A record that cannot be used, and why.
struct dead_letter {
  std::string topic;
  std::int32_t shard = 0;
  std::int64_t offset = 0;
  std::string reason;  // a stable word, e.g. "not_json"
  std::string detail;  // for people
  std::string key;     // bytes as read
  std::string payload; // bytes as read, whole
};

/// What one transaction writes: all of it or nothing.
struct shard_write {
  std::int32_t shard = 0;
  std::int64_t epoch = 0;       // of the owner; an older one is fenced
  std::int64_t from_offset = 0; // stored before this write
  std::int64_t next_offset = 0; // stored by it
  book_changes changes;
  std::vector<dead_letter> dead_letters;
  /// It passes records at which aggregators failed: forget these failures.
  bool passes_failures = false;
};

using shard_write_ptr = std::shared_ptr<const shard_write>;

/// Asks to become a shard's owner.
struct shard_claim {
  std::int32_t shard = 0;
  std::int64_t epoch = 0;           // must be above the stored one
  /// Of the master that gave the order; fenced if a newer master leads.
  std::int64_t term = 0;
  std::string owner;                // the node's name
  std::vector<std::string> symbols; // whose latest days are wanted
};

/// A record at which an aggregator failed.
struct record_failure {
  std::int32_t shard = 0;
  std::int64_t epoch = 0; // of the owner; an older one's is not counted
  std::int64_t offset = 0;
  std::int32_t failures = 0; // as stored; not used when reporting one
  std::string reason;
};

/// What a new owner starts from.
struct shard_state {
  std::int64_t next_offset = 0;
  std::vector<record_failure> failures; // of records not yet passed
  std::vector<stored_day> days; // the latest of each symbol
};

using shard_state_ptr = std::shared_ptr<const shard_state>;

/// Asks for a day that is no longer in memory.
struct day_request {
  std::string symbol;
  std::int64_t day = 0; // days since 1970-01-01, the exchange's date
  std::int32_t shard = 0;
  std::int64_t epoch = 0; // of the owner; an older one's is fenced
};

using stored_days_ptr = std::shared_ptr<const std::vector<stored_day>>;

} // namespace tickerflow
