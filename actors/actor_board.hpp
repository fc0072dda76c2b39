#pragma once

// No CAF type, so that metrics and console need none.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
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

using label_list = std::vector<std::pair<std::string, std::string>>;

class actor_watch;
struct actor_access;

/// One actor that lives.
struct actor_row {
  std::uint64_t serial = 0;     // unique in the process
  std::uint64_t supervisor = 0; // serial of who started it; 0: no actor
  const void* system = nullptr;
  std::string kind;     // "aggregator"
  std::uint64_t id = 0; // in its actor system
  label_list labels;    // {"shard", "3"}
  std::chrono::system_clock::time_point started;
  std::uint64_t mailbox = 0; // messages that wait
  std::uint64_t mailbox_highest = 0;
  std::uint64_t received = 0;
  std::uint64_t handled = 0;
  std::chrono::nanoseconds busy{0};     // handling messages, altogether
  std::chrono::nanoseconds handling{0}; // the present message; 0: idle
  handling_histogram handled_within{};
  // Of those with its kind and labels, since the process started.
  std::uint64_t deaths = 0;
  std::chrono::system_clock::time_point last_died;
  std::string last_death; // why; empty: none died
};

/// An actor that failed, was fenced, or was ended by an operator.
struct death_row {
  std::uint64_t serial = 0;
  const void* system = nullptr;
  std::string kind;
  label_list labels;
  std::chrono::system_clock::time_point started;
  std::chrono::system_clock::time_point at;
  std::string reason;
};

/// Why an actor ended.
struct actor_end {
  std::string reason;  // empty: in order
  bool failed = false; // it counts as a failure of its kind
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
  /// What `attention` consists of: somebody looks at this actor, counts who
  /// sends to whom, or has given it so many orders that it has not seen yet.
  static constexpr std::uint32_t watched = 1;
  static constexpr std::uint32_t flowing = 2;
  static constexpr std::uint32_t one_order = 4;

  actor_counters();

  /// Unique in the process, never used again.
  std::uint64_t serial() const { return serial_; }

  /// Nothing else is read for a message while nobody looks.
  std::uint32_t attention() const {
    return attention_.load(std::memory_order_relaxed);
  }

  void attend(std::uint32_t x) {
    if ((attention() & x) != x)
      attention_.fetch_or(x, std::memory_order_relaxed);
  }

  /// An order is on its way, before it is sent.
  void ordered() { attention_.fetch_add(one_order, std::memory_order_relaxed); }

  /// It has come: it is no message of the actor's own.
  void obeyed();

  /// Ends what nobody has asked for since.
  /// @param flow_until when counting who sends to whom ends
  void calm(std::chrono::steady_clock::time_point now,
            std::chrono::steady_clock::time_point flow_until);

  /// Looks at it until then.
  void watch_until(std::chrono::steady_clock::time_point x);

  /// What was seen of it while somebody looked. Made with the actor, filled
  /// when it is needed.
  const std::shared_ptr<actor_watch>& watch() const { return watch_; }

  /// How to reach it.
  /// @pre set before the actor is on the board
  const std::shared_ptr<actor_access>& access() const { return access_; }
  void access(std::shared_ptr<actor_access> x) { access_ = std::move(x); }

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

  const std::uint64_t serial_;
  std::atomic<std::uint64_t> supervisor_;
  // Read for each message, written when somebody begins or ends to look.
  alignas(64) std::atomic<std::uint32_t> attention_{0};
  std::atomic<std::int64_t> watch_until_ns_{0};
  std::shared_ptr<actor_watch> watch_;
  std::shared_ptr<actor_access> access_;

  // Guarded by the board's mutex.
  const void* system_ = nullptr;
  std::string kind_;
  std::uint64_t id_ = 0;
  label_list labels_;
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

  /// How other processes call an actor system of this one.
  void name_system(const void* system, std::string name);

  /// Tells an actor from others of its kind.
  void label(actor_counters& x, std::string key, std::string value);

  /// @returns kind and labels as a log line has them: "aggregator shard=3"
  std::string describe(const actor_counters& x) const;

  /// An actor ended.
  void remove(const actor_counters& x, const actor_end& how);

  /// Who takes care of an actor that another one has started.
  void supervised(actor_counters& x, std::uint64_t by);

  /// Counts who sends to whom until then.
  void want_flow(std::chrono::steady_clock::time_point until);

  std::chrono::steady_clock::time_point flow_until() const;

  /// A supervisor has started another in place of one that failed.
  void restarted(const std::string& kind);

  /// Makes a queue visible for as long as the pointer is held.
  std::shared_ptr<queue_counter> queue(const std::string& name,
                                       std::int64_t bound);

  /// @param system null: of all actor systems
  std::vector<actor_row> actors(const void* system = nullptr) const;
  std::vector<actor_kind_row> kinds() const;

  /// @returns the newest `kept_deaths`, newest first
  std::vector<death_row> deaths(const void* system = nullptr) const;

  /// @returns one that lives
  std::optional<actor_row> row(std::uint64_t serial) const;

  /// @returns names by system, also of systems that are gone
  std::map<const void*, std::string> systems() const;

  /// An actor by its system's name and its id in that.
  using address = std::pair<std::string, std::uint64_t>;

  /// @returns the serials of those that live
  std::map<address, std::uint64_t>
  serials(const std::set<address>& wanted) const;

  /// @returns the counters of one, null if it does not live
  std::shared_ptr<actor_counters> find(std::uint64_t serial) const;

  /// @returns those of all that live
  std::vector<std::shared_ptr<actor_counters>>
  all(const void* system = nullptr) const;
  std::vector<queue_row> queues() const;

private:
  struct named_queue {
    std::string name;
    std::int64_t highest = 0; // of those that are gone
    std::int64_t bound = 0;
    std::vector<std::weak_ptr<queue_counter>> parts;
  };

  /// What became of those of one name: it stays when they go.
  struct named_deaths {
    std::uint64_t count = 0;
    std::chrono::system_clock::time_point last;
    std::string reason;
  };

  static constexpr size_t kept_deaths = 200;
  static constexpr size_t kept_names = 4'096;

  actor_kind_row& kind_of(const std::string& kind);
  actor_row row_of(const actor_counters& x, std::int64_t now_ns) const;
  void note_death(const actor_counters& x, const actor_end& how);

  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<actor_counters>> actors_;
  std::vector<actor_kind_row> kinds_;
  std::vector<named_queue> queues_;
  std::deque<death_row> deaths_; // oldest first
  std::map<std::string, named_deaths> names_;
  std::map<const void*, std::string> systems_;
  std::atomic<std::int64_t> flow_until_ns_{0};
};

} // namespace tickerflow
