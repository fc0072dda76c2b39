#pragma once

#include "io/event/event.hpp"
#include "messages/cluster.hpp"
#include "messages/outgoing.hpp"
#include "messages/records.hpp"
#include "messages/shard_write.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace tickerflow {

/// The topics that a shard reads and writes.
struct topic_names {
  std::string raw = "stock_analysis";
  std::string processed = "stock_processed";
  std::string dead_letters = "stock_dead_letters";
};

/// Turns the records of one shard into changed rows and dead letters; the
/// part of the aggregator that knows no actor.
class shard_books {
public:
  enum class step : std::uint8_t {
    done,
    needs_day, // see `wanted`: restore it, then offer the record again
  };

  shard_books(topic_names topics, const std::vector<ticker_spec>& tickers,
              std::int32_t shard);

  /// Takes one record; whatever it holds, it becomes a change, a duplicate or
  /// a dead letter.
  step take(const raw_record& x);

  /// Passes a record unread: aggregators failed at it.
  void pass(const raw_record& x, std::string detail) {
    bury(x, "poison", std::move(detail));
    next_offset_ = x.offset + 1;
  }

  /// Notes that records [next_offset, first) are gone for ever.
  void note_lost(std::int64_t first);

  void restore(const stored_day& x);

  /// The day that `needs_day` asks for.
  const day_request& wanted() const { return wanted_; }

  /// @returns rows that a write would have now; an estimate
  size_t pending() const { return pending_; }

  std::int64_t next_offset() const { return next_offset_; }
  void next_offset(std::int64_t x) { next_offset_ = x; }

  /// Moves all changes into a write; the caller adds epoch and from_offset.
  shard_write take_changes();

  /// Adds the counts and tickers to a report.
  void report(shard_report& out) const;

private:
  struct ticker_entry {
    ticker_book book;
    std::int64_t bars = 0;
    bool touched = false;
  };

  void bury(const raw_record& x, std::string_view reason, std::string detail);

  topic_names topics_;
  std::int32_t shard_;
  std::unordered_map<std::string, ticker_entry> tickers_;
  std::vector<ticker_entry*> touched_;
  std::vector<dead_letter> dead_letters_;
  event_parser parser_;
  day_request wanted_;
  size_t pending_ = 0;
  std::int64_t next_offset_ = 0;
  std::int64_t bars_ = 0;
  std::int64_t corrections_ = 0;
  std::int64_t duplicates_ = 0;
  std::int64_t windows_ = 0;
  std::int64_t buried_ = 0;
};

/// What a write has to say to other programs: final windows to the processed
/// topic, dead letters to theirs; null if nothing.
outgoing_batch_ptr announcements(const shard_write& x,
                                 const topic_names& topics);

} // namespace tickerflow
