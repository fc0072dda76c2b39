#pragma once

#include "test/soak/faults.hpp"
#include "test/soak/recovery.hpp"
#include "test/soak/servers.hpp"

#include <functional>
#include <random>
#include <set>

namespace tickerflow::soak {

/// Carries out faults and ends them again. Every fault has an end, and at
/// least one worker is left alone: there is never a time in which nothing can
/// work for ever.
class fault_driver {
public:
  fault_driver(nodes& x, servers& y, const shard_watch& watch,
               status_watch& status, int workers);

  /// @returns false if nobody can be hit by it now
  bool begin(const planned_fault& x);

  /// Ends what is due, notices what recovered; call it often.
  void tick();

  /// Ends all faults at once and waits until everything runs.
  void end_all();

  /// How long others needed to go on, in seconds.
  figures worker_kills;       // the slowest shard of each worker
  figures worker_kill_shards; // each shard
  figures lone_worker_kills;  // no other fault at the same time
  figures worker_halts;       // recovered before SIGCONT
  figures leader_losses;
  figures orderly_stops;

  /// So many of each kind.
  const std::map<fault_kind, int>& counts() const { return counts_; }

  /// What a node must not do: end by itself, not end when told to.
  const std::vector<std::string>& violations() const { return violations_; }

  /// Workers that should serve now: started, not halted, not told to end.
  std::set<std::string> serving() const;

  std::string leader() const;

  /// How many faults have not ended yet.
  size_t open() const { return later_.size() + ending_.size(); }

  /// A line of the log, with the time since the start.
  void say(const std::string& text) const;

private:
  struct loss {
    worker_recovery recovery;
    bool lone = false;
    bool killed = false;
    std::string worker;
  };

  void later(std::chrono::milliseconds wait, std::function<void()> f);
  std::optional<std::string> pick_worker(std::uint64_t target) const;
  std::optional<std::string> pick_standby(std::uint64_t target) const;
  void lose(const std::string& worker, bool killed);
  void lose_leader(const std::string& name);
  bool hit_worker(const planned_fault& x);
  bool hit_master(const planned_fault& x);
  bool hit_server(const planned_fault& x);
  bool operate(const planned_fault& x);
  void restart_in_order(const std::string& name,
                        std::chrono::milliseconds after);
  void watch_endings();
  void watch_recoveries();
  void command(std::vector<std::string> arguments);

  nodes& nodes_;
  servers& servers_;
  const shard_watch& watch_;
  status_watch& status_;
  int workers_;
  steady::time_point started_ = steady::now();
  steady::time_point newest_fault_ = started_;
  std::multimap<steady::time_point, std::function<void()>> later_;
  std::set<std::string> busy_; // nodes and servers under a fault
  struct ending {
    steady::time_point told_at;
    std::chrono::milliseconds restart_after{}; // < 0: never
  };
  std::map<std::string, ending> ending_;
  std::vector<loss> losses_;
  std::vector<leader_recovery> leader_losses_;
  std::map<fault_kind, int> counts_;
  std::vector<std::string> violations_;
  mutable std::string last_leader_ = master_name(1);
};

} // namespace tickerflow::soak
