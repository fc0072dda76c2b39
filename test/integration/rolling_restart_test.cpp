#define CAF_SUITE rolling_restart

// Each node is stopped in order and started again while records flow: nothing
// is lost, and only the shards of that node move.

#include "test/integration/soak_fixture.hpp"

using namespace tickerflow;
using namespace tickerflow::soak;
using namespace std::chrono_literals;

namespace {

/// An orderly stop is over by then or counts as none.
constexpr auto longest_stop = 10s;

struct fixture : soak_fixture {
  fixture() : soak_fixture(3) {
    cluster->flow().start();
    cluster->wait_for_flow(workers);
  }

  void stop(const std::string& name) {
    auto status = cluster->own_nodes().stop(name, longest_stop);
    if (status != 0)
      CAF_ERROR(name << " ended with " << status << ": "
                     << tail_of(cluster->own_nodes().log_of(name), 10));
  }

  /// Stops a node and starts it again, both in order.
  void restart(const std::string& name) {
    auto& watch = cluster->watch();
    auto before = watch.now();
    auto told_at = steady::now();
    stop(name);
    auto others = workers;
    others.erase(name);
    cluster->wait_for_flow(others);
    cluster->own_nodes().start(name);
    cluster->wait_for_flow(workers);
    check_moves(name, before, told_at);
  }

  /// A worker that came back gets its share a moment later, shard by shard.
  void wait_until_nothing_moves() {
    std::vector<std::int64_t> last;
    int unchanged = 0;
    wait_until("nothing moves any more", [&] {
      std::vector<std::int64_t> epochs;
      std::set<std::string> owners;
      for (auto& row : cluster->watch().now()) {
        epochs.push_back(row.epoch);
        owners.insert(row.owner);
      }
      unchanged = owners == workers && epochs == last ? unchanged + 1 : 0;
      last = std::move(epochs);
      return unchanged == 40; // two seconds
    });
  }

  /// Every change of an owner since then was from or to the node, and the
  /// shards of the others went on.
  void check_moves(const std::string& name,
                   const std::vector<shard_sample>& before,
                   steady::time_point told_at) {
    size_t undisturbed = 0;
    for (size_t i = 0; i < before.size(); ++i) {
      auto owner = before[i].owner;
      bool moved = false;
      for (auto& row :
           cluster->watch().since(static_cast<std::int32_t>(i), told_at)) {
        if (row.owner == owner)
          continue;
        moved = true;
        if (owner != name && row.owner != name)
          CAF_ERROR("shard " << i << " moved from " << owner << " to "
                             << row.owner << " when " << name << " restarted");
        owner = row.owner;
      }
      undisturbed += moved ? 0 : 1;
    }
    CAF_MESSAGE(name << ": " << undisturbed << " shards did not move");
    CAF_CHECK_GREATER(undisturbed, 0u);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(rolling_restart_tests, fixture)

CAF_TEST(a rolling restart loses nothing and moves one node at a time) {
  for (auto& worker : workers)
    restart(worker);
  for (auto& name : cluster->own_nodes().names()) {
    if (is_worker(name))
      continue;
    wait_until_nothing_moves();
    auto before = cluster->watch().now();
    stop(name);
    cluster->own_nodes().start(name);
    // Without their master workers go on with what they have.
    auto term = cluster->status().highest_term();
    wait_until("workers are registered", [&] {
      auto status = cluster->status().last();
      return status.answered && status.term >= term
             && std::includes(status.alive.begin(), status.alive.end(),
                              workers.begin(), workers.end());
    });
    cluster->wait_for_flow(workers);
    auto after = cluster->watch().now();
    auto moved = false;
    for (size_t i = 0; i < before.size(); ++i)
      if (before[i].epoch != after[i].epoch) {
        moved = true;
        CAF_ERROR("shard " << i << " moved from " << before[i].owner << " to "
                           << after[i].owner << " when " << name
                           << " restarted");
      }
    if (moved)
      for (auto& node : cluster->own_nodes().names())
        CAF_MESSAGE(node << ": "
                         << tail_of(cluster->own_nodes().log_of(node), 20));
  }
  check_equal_to_ledger();
}

CAF_TEST_FIXTURE_SCOPE_END()
