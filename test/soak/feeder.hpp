#pragma once

#include "test/soak/ledger.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <thread>

namespace tickerflow::soak {

struct feeder_options {
  std::string brokers;
  std::string topic;
  std::int64_t rate = 2000; // records a second
  traffic_options traffic;
};

/// Produces the traffic on a thread of its own and keeps the ledger of what
/// Kafka acknowledged. A client of its own, not the pipeline's producer, which
/// does not tell where a record came to be.
///
/// A broker that is away is waited for without end: each record is
/// acknowledged once, in the order of its partition.
class feeder {
public:
  /// Connects at once; produces nothing before `start`.
  /// @throws std::runtime_error if librdkafka refuses a setting
  explicit feeder(const feeder_options& x);
  ~feeder();

  feeder(const feeder&) = delete;
  feeder& operator=(const feeder&) = delete;

  void start();

  /// Produces no more and waits until all is acknowledged.
  /// @throws std::runtime_error if that takes longer than a minute, or a
  ///         record was refused
  void finish();

  std::int64_t acknowledged() const { return acknowledged_; }

  const std::vector<std::string>& symbols() const;

  /// What was acknowledged; only after `finish`.
  const soak::ledger& ledger() const;

private:
  struct implementation;
  void run();

  std::unique_ptr<implementation> implementation_;
  std::atomic<std::int64_t> acknowledged_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

} // namespace tickerflow::soak
