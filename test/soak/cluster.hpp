#pragma once

#include "test/soak/feeder.hpp"
#include "test/soak/nodes.hpp"
#include "test/soak/status_watch.hpp"
#include "test/soak/verdict.hpp"

#include <memory>
#include <string>

namespace tickerflow::soak {

struct cluster_options {
  std::string program; // the tickerflow binary
  std::string brokers;
  std::string postgres; // DSN of an empty database
  std::string topic = "soak";
  std::uint64_t seed = 1;
  int masters = 2;
  int workers = 3;
  int shards = 8;
  int tickers = 40;
  std::int64_t rate = 2000; // records a second
};

/// A folder under /tmp that is kept if something went wrong.
class work_folder {
public:
  explicit work_folder(const std::string& name);
  ~work_folder();

  work_folder(const work_folder&) = delete;
  work_folder& operator=(const work_folder&) = delete;

  const std::string& path() const { return path_; }
  /// Nothing went wrong: it is removed in the end.
  void discard() { kept_ = false; }

private:
  std::string path_;
  bool kept_ = true;
};

/// Nodes, a steady flow of records and the watches over them.
class cluster {
public:
  /// Starts all but the flow and waits until every shard has an owner.
  /// @throws std::runtime_error saying what did not start
  cluster(const cluster_options& x, const std::string& folder);

  /// Stops the nodes.
  ~cluster();

  /// Waits until all that was acknowledged is stored, as long as it goes on.
  /// @returns nothing, or which shards stand still for a minute and a half
  std::vector<std::string> drain();

  /// Records that are not stored yet.
  std::int64_t lag() const;

  /// Whether every shard has one of these owners, each has as many as the
  /// others give or take one, and every shard was committed to since a time.
  bool flows_since(steady::time_point t,
                   const std::set<std::string>& owners) const;

  /// Waits until `flows_since` now.
  /// @throws std::runtime_error after three minutes, with what it found
  void wait_for_flow(const std::set<std::string>& owners) const;

  result_place place() const;

  nodes& own_nodes() { return *nodes_; }
  feeder& flow() { return *feeder_; }
  shard_watch& watch() { return *watch_; }
  status_watch& status() { return *status_; }

private:
  std::unique_ptr<feeder> feeder_;
  std::unique_ptr<nodes> nodes_;
  std::unique_ptr<shard_watch> watch_;
  std::unique_ptr<status_watch> status_;
};

} // namespace tickerflow::soak
