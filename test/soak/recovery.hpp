#pragma once

#include "test/soak/figures.hpp"
#include "test/soak/status_watch.hpp"

#include <map>
#include <utility>
#include <vector>

namespace tickerflow::soak {

/// Shards that a worker had when it stopped working, and how long until others
/// went on with them.
class worker_recovery {
public:
  /// The worker owns what the watch saw last.
  worker_recovery(const shard_watch& watch, const std::string& worker,
                  steady::time_point lost_at);

  /// Looks for first commits of new owners.
  /// @returns whether all shards have one
  bool look(const shard_watch& watch);

  steady::time_point lost_at() const { return lost_at_; }
  size_t shards() const { return epochs_.size() + seconds_.size(); }

  /// Seconds from the loss to the first commit by a new owner, of each shard
  /// that has one.
  const std::vector<double>& seconds() const { return seconds_; }

private:
  steady::time_point lost_at_;
  std::map<std::int32_t, std::int64_t> epochs_; // still waiting
  std::vector<double> seconds_;
};

/// @returns the node that leads as the database has it; nothing if that does
///          not answer
std::optional<std::string> leading_master(const nodes& x);

/// A leader that stopped, and how long until another carries out orders.
class leader_recovery {
public:
  leader_recovery(std::int64_t term, steady::time_point lost_at)
      : term_(term), lost_at_(lost_at) {
    // nop
  }

  /// @param workers that have to be registered
  /// @returns seconds until a status with a higher term showed all of them
  ///          alive, nothing before
  std::optional<double> look(const status_sample& status,
                             const std::set<std::string>& workers) const;

  steady::time_point lost_at() const { return lost_at_; }

private:
  std::int64_t term_;
  steady::time_point lost_at_;
};

} // namespace tickerflow::soak
