#pragma once

#include "io/kafka/kafka_options.hpp"
#include "messages/errc.hpp"
#include "messages/outgoing.hpp"

#include <functional>
#include <memory>

namespace tickerflow {

/// Produces batches with acks=all and idempotence. Not thread-safe.
class kafka_producer {
public:
  /// Records that librdkafka holds at most; others wait outside of it, a batch
  /// for each of those that ask.
  static constexpr size_t most_records = 100'000;

  /// Called from `poll`: the number of records that the brokers have, or why
  /// not all of them do (`unavailable`, `refused`).
  using confirmation = std::function<void(caf::expected<std::int64_t>)>;

  /// @param wakeup_fd an eventfd that is written when `poll` has something
  ///        to do; -1 for none
  /// Errors  bad_setting
  static caf::expected<std::unique_ptr<kafka_producer>>
  make(const kafka_options& options, int wakeup_fd);

  ~kafka_producer();

  /// Queues all records. Partitions follow the key by murmur2.
  void send(outgoing_batch_ptr batch, confirmation done);

  /// Handles what the brokers answered; never blocks.
  void poll();

  /// @returns records that librdkafka holds
  size_t records() const;

  /// @returns batches that are not answered yet
  size_t batches() const;

  /// Waits until all is confirmed or the time is over.
  void flush(int timeout_ms);

private:
  kafka_producer();
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickerflow
