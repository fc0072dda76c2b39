#pragma once

#include "actors/actor_board.hpp"
#include "messages/cluster.hpp"
#include "nodes/dependency_watch.hpp"

#include <map>
#include <optional>
#include <tuple>

namespace tickerflow {

/// All that a node tells Prometheus, as of one moment.
struct metric_facts {
  bool up = false; // its main actors answer
  std::vector<actor_row> actors;
  std::vector<actor_kind_row> kinds;
  std::vector<queue_row> queues;
  std::vector<dependency_state> dependencies;
  std::chrono::system_clock::time_point now;

  // Of a worker.
  bool worker = false;
  bool registered = false;
  std::uint64_t fenced = 0;
  std::chrono::seconds interval{60}; // width of a bar
  std::optional<node_report> report;
  std::chrono::milliseconds report_age{0};

  // Of a master.
  bool master = false;
  bool leading = false;
  std::optional<cluster_status> cluster; // none while it waits to lead
  std::chrono::milliseconds cluster_age{0};
};

/// Makes the page /metrics. One thread at a time.
class metric_page {
public:
  /// @returns Prometheus' text format
  std::string text(const metric_facts& x);

private:
  /// What actors of one kind have done.
  struct work {
    std::chrono::nanoseconds busy{0};
    handling_histogram within{};
  };

  /// An actor is known by its start as well: ids begin anew with each actor
  /// system.
  using actor_key = std::tuple<std::string, std::uint64_t,
                               std::chrono::system_clock::time_point>;

  std::map<std::string, work>
  work_by_kind(const std::vector<actor_row>& actors);

  // A counter must not fall when an actor ends: what it did up to the last
  // page stays.
  std::map<actor_key, work> alive_;
  std::map<std::string, work> ended_;
};

} // namespace tickerflow
