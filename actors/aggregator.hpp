#pragma once

#include "actors/backoff.hpp"
#include "actors/isolation.hpp"
#include "actors/observed.hpp"
#include "actors/shard_books.hpp"
#include "messages/aggregator.hpp"
#include "messages/kafka_bridge.hpp"
#include "messages/postgres_writer.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tickerflow {

/// What one aggregator is started with; fixed for its life.
struct aggregator_options {
  std::int32_t shard = 0;
  std::int64_t epoch = 0;
  std::int64_t term = 0; // of the master that gave the order
  std::string node; // the owner's name in the database
  std::vector<ticker_spec> tickers;
  topic_names topics;
  size_t batch_max_bars = 10'000;       // written in one transaction
  std::chrono::milliseconds linger{20}; // waited for more before a write
  std::int32_t credit = 6;              // record batches taken ahead
  std::int32_t batch_records = 4096;    // at most in one, by the bridge
  isolation isolate{};                  // as the one before it asks
  /// For tests: called with each record before it is processed; may throw.
  std::function<void(const raw_record&)> on_record{};
  std::chrono::seconds request_timeout{60};
};

/// Where the shard stands; the words are shown to people.
enum class shard_phase : std::uint8_t {
  opening, // claims the shard, reads what it starts from
  running,
  retrying, // PostgreSQL or Kafka is away
  failing,  // at a record: has that counted, then ends
  revoking,
};

std::string_view to_string(shard_phase x);

struct aggregator_state {
  static constexpr const char* name = "aggregator";

  void open();
  void opened(const shard_state& x);
  void open_feed();
  void take(const record_batch_ptr& x);
  void proceed();
  bool process_next_batch();
  bool process(const raw_record& x);
  bool is_cut_before(std::int64_t offset) const;
  void drop_queue();
  void load(const day_request& day, std::int64_t offset);
  void write_when_due();
  void start_write();
  void publish();
  void write();
  void written(std::int64_t next_offset);
  void finish_revoke();
  void replace(const caf::strong_actor_ptr& old,
               const caf::strong_actor_ptr& fresh);

  // What can go wrong: aggregator_failures.cpp.
  void failed(caf::error& reason, void (aggregator_state::*again)());
  void stop(caf::error reason);
  void write_failed(caf::error& reason);
  void write_refused(const std::string& text);
  void record_failed(std::int64_t offset, const std::string& text);
  void note_failure();

  void flush();
  shard_report report() const;
  void tell(state_page& out) const;

  aggregator_actor::pointer self = nullptr;
  postgres_writer_actor writer;
  kafka_bridge_actor bridge;
  aggregator_options options;

  shard_phase phase = shard_phase::opening;
  std::unique_ptr<shard_books> books;
  std::deque<record_batch_ptr> queue;
  std::int64_t waiting = 0; // records in the queue
  std::shared_ptr<queue_counter> waiting_counter;
  size_t position = 0;            // in the queue's first batch
  std::int32_t used_credit = 0;   // batches whose records are pending
  std::int64_t stored_offset = 0; // as in the database
  std::int64_t high_watermark = 0;

  bool write_open = false; // between start_write and written
  bool loading = false;
  bool flush_armed = false;
  bool linger_over = false;
  bool cut = false; // the next record has to be in a write of its own
  /// Records since the last write began, and in it.
  std::int64_t taken = 0;
  std::int64_t first_taken = 0;
  std::int64_t writing_taken = 0;
  std::int64_t writing_first = 0;
  std::int64_t writing_until = 0;
  /// Records ahead at which aggregators failed, by offset.
  std::map<std::int64_t, record_failure> suspects;
  bool suspect_taken = false; // since the last write began
  record_failure failure_to_note;
  std::int32_t write_credit = 0;
  shard_write_ptr writing;
  outgoing_batch_ptr publishing;
  backoff retry{std::chrono::milliseconds{200}, std::chrono::seconds{10}, 1};
  void (aggregator_state::*again)() = nullptr; // what the backoff waits for
  bool outage_told = false;
  caf::typed_response_promise<std::int64_t> revoked;
};

/// Claims the shard, then turns its records into rows until it is revoked or
/// fenced. Quits with the error that ended it; the supervisor decides what
/// follows.
aggregator_actor::behavior_type
aggregator(observed_pointer<aggregator_actor, aggregator_state> self,
           postgres_writer_actor writer, kafka_bridge_actor bridge,
           aggregator_options options);

} // namespace tickerflow
