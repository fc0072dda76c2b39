// How full the queues of a node are, and why none gets fuller than it says:
// see "Flow control" in docs/architecture.md.

#include "actors/node_supervisor.hpp"

#include <algorithm>

namespace tickerflow {

namespace {

/// What one actor of each kind may find in its mailbox at most.
struct mailbox_bounds {
  std::int64_t shards;
  std::int64_t fetchers;
  std::int64_t credit;

  std::int64_t of(std::string_view kind) const {
    // Of each aggregator a claim or a write, a load, a count of a failure; and
    // one more of an aggregator that was ended when the shard was assigned
    // anew.
    if (kind == "postgres_writer")
      return 4 * shards;
    // Its own poll; of each aggregator a publish, a grant for each batch of
    // credit, and opening and closing of its feed; a publish of each fetcher.
    if (kind == "kafka_bridge")
      return 1 + shards * (credit + 5) + 2 * fetchers;
    // The batches of its credit and of the feed before, three answers, two
    // timers, and what the supervisor sends.
    if (kind == "aggregator")
      return 2 * credit + 12;
    // A call of each fetcher, and one that it no longer waits for.
    if (kind == "api_client")
      return 2 * fetchers;
    // An answer of each shard and fetcher, an order for each shard, down
    // messages, the timers, and questions of the master.
    if (kind == "node_supervisor")
      return 16 + 6 * shards + 3 * fetchers;
    return 0;
  }
};

constexpr const char* reported_kinds[] = {
    "aggregator",      "api_client",      "kafka_bridge",
    "node_supervisor", "postgres_writer",
};

} // namespace

void node_supervisor_state::note_sizes() {
  size_t fetchers = 0;
  for (auto& [id, shard] : shards)
    fetchers += shard.fetchers.size();
  most_shards = std::max(most_shards, shards.size());
  most_fetchers = std::max(most_fetchers, fetchers);
}

void node_supervisor_state::report_queues(node_report& out) const {
  auto& board = actor_board::instance();
  mailbox_bounds bounds{static_cast<std::int64_t>(most_shards),
                        static_cast<std::int64_t>(most_fetchers),
                        options.aggregator.credit};
  auto kinds = board.kinds();
  auto actors = board.actors(&self->system());
  for (auto kind : reported_kinds) {
    queue_report x;
    x.name = std::string{"mailbox "} + kind;
    x.bound = bounds.of(kind);
    for (auto& row : actors)
      if (row.kind == kind) {
        x.size = std::max(x.size, static_cast<std::int64_t>(row.mailbox));
        x.highest =
            std::max(x.highest, static_cast<std::int64_t>(row.mailbox_highest));
      }
    auto known = std::find_if(kinds.begin(), kinds.end(),
                              [&](auto& y) { return y.kind == kind; });
    if (known == kinds.end())
      continue; // none was ever started
    x.highest =
        std::max(x.highest, static_cast<std::int64_t>(known->mailbox_highest));
    out.queues.push_back(std::move(x));
  }
  for (auto& row : board.queues())
    out.queues.push_back({row.name, row.size, row.highest, row.bound});
}

} // namespace tickerflow
