#pragma once

#include "io/kafka/kafka_options.hpp"
#include "messages/errc.hpp"
#include "messages/records.hpp"

#include <chrono>
#include <memory>
#include <optional>

namespace tickerflow {

/// Limits of what is fetched ahead.
struct reader_options {
  kafka_options kafka;
  std::string topic;
  std::int32_t queued_kb = 1024;     // for each partition
  std::int32_t batch_records = 4096; // at most, in one take()
};

/// Reads partitions of one topic, each at its own pace, from given offsets on.
/// Not thread-safe.
///
/// A partition that is not taken from is fetched ahead up to `queued_kb` and
/// then rests: the pressure reaches the broker by itself.
class kafka_reader {
public:
  /// Errors  bad_setting
  static caf::expected<std::unique_ptr<kafka_reader>>
  make(reader_options options);

  ~kafka_reader();

  /// Starts to read a partition.
  /// Errors  unavailable
  caf::error open(std::int32_t partition, std::int64_t offset);

  void close(std::int32_t partition);

  /// Takes what is there of an open partition, empty if nothing is; never
  /// blocks. The batch's epoch is the caller's to set.
  /// Errors  stale_state if the offset is not in the topic any more, see
  ///         `available_range`; unavailable
  caf::expected<record_batch> take(std::int32_t partition);

  /// Blocks until a partition may have records, at most so long.
  void wait(std::chrono::milliseconds timeout);

  /// File descriptor that becomes readable when there is something to take.
  int wakeup_fd() const;

private:
  kafka_reader();
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

/// The offsets [first, end) that a partition holds.
struct offset_range {
  std::int64_t first = 0;
  std::int64_t end = 0;
};

/// @returns what the partition holds, of an error of `take`; nothing for other
///          errors
std::optional<offset_range> available_range(const caf::error& x);

} // namespace tickerflow
