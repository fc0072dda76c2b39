#pragma once

// No CAF type, so that metrics and console need none.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace tickerflow {

/// Upper ends of the handling-time histogram's buckets; one more bucket holds
/// what took longer.
constexpr std::array<std::chrono::nanoseconds, 7> handling_bounds{
    std::chrono::microseconds{10},  std::chrono::microseconds{100},
    std::chrono::milliseconds{1},   std::chrono::milliseconds{10},
    std::chrono::milliseconds{100}, std::chrono::seconds{1},
    std::chrono::seconds{10},
};

/// Messages handled, by how long it took; not cumulative.
using handling_histogram =
    std::array<std::uint64_t, handling_bounds.size() + 1>;

/// One actor that lives.
struct actor_row {
  std::string kind;     // "aggregator"
  std::uint64_t id = 0; // in its actor system
  std::vector<std::pair<std::string, std::string>> labels; // {"shard", "3"}
  std::chrono::system_clock::time_point started;
  std::uint64_t mailbox = 0; // messages that wait
  std::uint64_t mailbox_highest = 0;
  std::uint64_t received = 0;
  std::uint64_t handled = 0;
  std::chrono::nanoseconds busy{0};     // handling messages, altogether
  std::chrono::nanoseconds handling{0}; // the present message; 0: idle
  handling_histogram handled_within{};
};

/// All actors of one kind since the process started.
struct actor_kind_row {
  std::string kind;
  std::uint64_t alive = 0;
  std::uint64_t started = 0;
  std::uint64_t failed = 0;    // ended with an error
  std::uint64_t restarted = 0; // by their supervisor
  std::uint64_t mailbox_highest = 0;
  std::string last_failure; // empty: none
  std::chrono::system_clock::time_point last_failed_at;
};

/// A queue that is no mailbox; of several with one name the worst.
struct queue_row {
  std::string name;
  std::int64_t size = 0;
  std::int64_t highest = 0; // since the process started
  std::int64_t bound = 0;   // it never gets above
};

/// What one actor counts. The first part is written by whoever sends to it,
/// the second only by the thread that runs it; all may be read at any time.
class actor_counters {
public:
  void received() { received_.fetch_add(1, std::memory_order_relaxed); }

  /// A message is taken from the mailbox.
  void begin(std::chrono::steady_clock::time_point now);

  /// It was handled; `skipped`: it went back and will come again.
  void end(std::chrono::steady_clock::time_point now, bool skipped);

private:
  friend class actor_board;

  using counter = std::atomic<std::uint64_t>;

  // Apart, so that senders and the actor do not fight for one cache line.
  alignas(64) counter received_{0};
  alignas(64) counter handled_{0};
  counter busy_ns_{0};
  counter highest_{0};
  std::atomic<std::int64_t> since_ns_{0}; // steady; 0: idle
  std::array<counter, handling_bounds.size() + 1> within_{};

  // Guarded by the board's mutex.
  const void* system_ = nullptr;
  std::string kind_;
  std::uint64_t id_ = 0;
  std::vector<std::pair<std::string, std::string>> labels_;
  std::chrono::system_clock::time_point started_;
};

/// A counted queue of one owner, e.g. an aggregator's records.
class queue_counter {
public:
  explicit queue_counter(std::int64_t bound) : bound_(bound) {}

  /// Sets how much waits now.
  void set(std::int64_t size);

  /// Something came or went; by several threads at once, but then without
  /// `set`.
  void add(std::int64_t difference);

private:
  friend class actor_board;

  void raise(std::int64_t size);

  std::atomic<std::int64_t> size_{0};
  std::atomic<std::int64_t> highest_{0};
  std::int64_t bound_;
};

/// What the actors of this process do and how full their queues are: the base
/// of `tickerflow status`, metrics and console. Thread-safe.
///
/// Cost    a message: one atomic increment by its sender, two readings of the
///         clock and some plain stores by its receiver; see docs/performance.md
class actor_board {
public:
  /// The board of the process; it outlives every actor system.
  static actor_board& instance();

  /// An actor starts.
  /// @param system tells the actor systems of one process apart (tests)
  void add(const std::shared_ptr<actor_counters>& x, const void* system,
           std::string kind, std::uint64_t id);

  /// Tells an actor from others of its kind.
  void label(actor_counters& x, std::string key, std::string value);

  /// @returns kind and labels as a log line has them: "aggregator shard=3"
  std::string describe(const actor_counters& x) const;

  /// An actor ended.
  /// @param failure why, if it was an error; else empty
  void remove(const actor_counters& x, const std::string& failure);

  /// A supervisor has started another in place of one that failed.
  void restarted(const std::string& kind);

  /// Makes a queue visible for as long as the pointer is held.
  std::shared_ptr<queue_counter> queue(const std::string& name,
                                       std::int64_t bound);

  /// @param system null: of all actor systems
  std::vector<actor_row> actors(const void* system = nullptr) const;
  std::vector<actor_kind_row> kinds() const;
  std::vector<queue_row> queues() const;

private:
  struct named_queue {
    std::string name;
    std::int64_t highest = 0; // of those that are gone
    std::int64_t bound = 0;
    std::vector<std::weak_ptr<queue_counter>> parts;
  };

  actor_kind_row& kind_of(const std::string& kind);

  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<actor_counters>> actors_;
  std::vector<actor_kind_row> kinds_;
  std::vector<named_queue> queues_;
};

} // namespace tickerflow
