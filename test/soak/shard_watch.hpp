#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace tickerflow::soak {

using steady = std::chrono::steady_clock;

/// A shard's row as a poll found it, kept when it differs from the one before.
struct shard_sample {
  steady::time_point at;
  std::int64_t epoch = 0;
  std::int64_t next_offset = 0;
  std::string owner;
};

/// Polls pipeline.shard every few milliseconds and keeps each change, so that
/// times between commits can be measured from outside: never better than the
/// truth.
class shard_watch {
public:
  shard_watch(std::string dsn, std::int32_t shards);
  ~shard_watch();

  shard_watch(const shard_watch&) = delete;
  shard_watch& operator=(const shard_watch&) = delete;

  /// @returns each shard's newest row
  std::vector<shard_sample> now() const;

  /// @returns the shard's changes since a time, oldest first
  std::vector<shard_sample> since(std::int32_t shard,
                                  steady::time_point t) const;

  /// The first commit of a shard at an epoch above one.
  std::optional<steady::time_point>
  first_commit_above(std::int32_t shard, std::int64_t epoch) const;

  /// What must never be seen: an epoch or an offset that falls, an owner that
  /// changes without its epoch.
  std::vector<std::string> violations() const;

  /// Whether the last poll had an answer.
  bool reachable() const { return reachable_; }

private:
  void run();
  void look(const std::vector<shard_sample>& rows);

  std::string dsn_;
  mutable std::mutex lock_;
  std::vector<std::vector<shard_sample>> history_; // by shard
  std::vector<std::string> violations_;
  std::atomic<bool> reachable_{false};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

} // namespace tickerflow::soak
