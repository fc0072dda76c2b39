#define CAF_SUITE zombie

// A worker that comes back from the dead: halted past its lease, replaced,
// resumed. Whatever it does then must not reach the database.

#include "test/integration/soak_fixture.hpp"

#include <regex>

using namespace tickerflow;
using namespace tickerflow::soak;
using namespace std::chrono_literals;

namespace {

/// How a worker says that it serves a shard no more.
constexpr auto ended = "shard_stopped|shard_dropped|shard_released";

struct fixture : soak_fixture {
  std::vector<shard_sample> before; // by shard, when the worker was halted
  std::set<std::int32_t> stale;     // shards of the worker at that time
  size_t log_size = 0;              // of the worker at that time

  fixture() : soak_fixture(2) {
    cluster->flow().start();
    cluster->wait_for_flow(workers);
  }

  /// Halts worker-1 until worker-2 owns all that it had.
  void halt_until_replaced() {
    stale = shards_of("worker-1");
    CAF_REQUIRE(!stale.empty());
    before = cluster->watch().now();
    log_size = log_of("worker-1").size();
    cluster->own_nodes().halt("worker-1");
    wait_until("others own the halted worker's shards",
               [this] { return shards_of("worker-1").empty(); });
  }

  bool logged_of(std::int32_t shard, const std::string& events) {
    auto epoch = before[static_cast<size_t>(shard)].epoch;
    std::regex line{"event=(" + events + ") shard=" + std::to_string(shard)
                    + " epoch=" + std::to_string(epoch) + "( [^\n]*)?\n"};
    auto text = log_of("worker-1").substr(log_size);
    return std::regex_search(text, line);
  }

  /// Of all commits since the worker was halted none was made at its epochs.
  void check_no_commit_of_the_zombie(steady::time_point halted_at) {
    for (auto shard : stale) {
      auto epoch = before[static_cast<size_t>(shard)].epoch;
      for (auto& row : cluster->watch().since(shard, halted_at + 100ms))
        CAF_CHECK_GREATER(row.epoch, epoch);
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(zombie_tests, fixture)

CAF_TEST(a resumed worker with records to write is fenced) {
  auto halted_at = steady::now();
  halt_until_replaced();
  cluster->wait_for_flow({"worker-2"});
  cluster->own_nodes().resume("worker-1");
  wait_until("the zombie has learned it of each shard", [this] {
    return std::all_of(stale.begin(), stale.end(),
                       [this](auto shard) { return logged_of(shard, ended); });
  });
  // It held records of a flow that went on: the database told it, whether or
  // not the master was faster.
  // Of any of them: who of the two joined last has its shards at epoch 2.
  auto log = log_of("worker-1").substr(log_size);
  CAF_CHECK(std::any_of(stale.begin(), stale.end(), [&](auto shard) {
    auto epoch = before[static_cast<size_t>(shard)].epoch;
    auto words = "ours is " + std::to_string(epoch) + ": another node owns it";
    return log.find(words) != std::string::npos;
  }));
  check_no_commit_of_the_zombie(halted_at);
  // It is a member like any other again.
  cluster->wait_for_flow(workers);
  check_equal_to_ledger();
}

CAF_TEST(a resumed worker with nothing to write is told by the master) {
  cluster->flow().finish();
  CAF_REQUIRE(cluster->drain().empty());
  auto halted_at = steady::now();
  halt_until_replaced();
  cluster->own_nodes().resume("worker-1");
  wait_until("the zombie has given up each shard", [this] {
    return std::all_of(stale.begin(), stale.end(),
                       [this](auto shard) { return logged_of(shard, ended); });
  });
  check_no_commit_of_the_zombie(halted_at);
  wait_until("it serves again",
             [this] { return !shards_of("worker-1").empty(); });
  check_equal_to_ledger();
}

CAF_TEST(the comparison notices what it has to) {
  // One change of each kind; without this a comparison that compares nothing
  // would pass for ever.
  wait_until("there is something of each kind",
             [this] { return cluster->flow().acknowledged() > 5000; });
  CAF_REQUIRE_EQUAL(compare().count(), 0);
  auto differs = [&](const char* what, const std::string& sql,
                     const std::string& undo) {
    db.run(sql);
    differences found;
    compare_database(cluster->place(), cluster->flow().ledger(), found);
    CAF_MESSAGE(what << ": " << found.count() << " differences");
    CAF_CHECK_GREATER(found.count(), 0);
    db.run(undo);
  };
  db.run("CREATE TABLE kept_bar AS SELECT * FROM market.bar LIMIT 1");
  differs("a bar is missing",
          "DELETE FROM market.bar b USING kept_bar k WHERE b.symbol = k.symbol"
          " AND b.start = k.start",
          "INSERT INTO market.bar SELECT * FROM kept_bar");
  differs("a bar has another volume",
          "UPDATE market.bar b SET volume = coalesce(b.volume, 0) + 1 FROM"
          " kept_bar k WHERE b.symbol = k.symbol AND b.start = k.start",
          "UPDATE market.bar b SET volume = k.volume FROM kept_bar k WHERE"
          " b.symbol = k.symbol AND b.start = k.start");
  db.run("CREATE TABLE kept_window AS SELECT * FROM market.bar_window"
         " WHERE width = '1d' AND vwap IS NOT NULL LIMIT 1");
  auto window = [](const std::string& set) {
    return "UPDATE market.bar_window w SET " + set
           + " FROM kept_window k WHERE w.symbol = k.symbol AND w.width ="
             " k.width AND w.window_start = k.window_start";
  };
  differs("a day's VWAP is off by the last digit",
          window("vwap = w.vwap + 0.000001"), window("vwap = k.vwap"));
  differs("a day counts a revision too many",
          window("revision = w.revision + 1"), window("revision = k.revision"));
  db.run("CREATE TABLE kept_letter AS SELECT * FROM pipeline.dead_letter"
         " LIMIT 1");
  differs("a dead letter is missing",
          "DELETE FROM pipeline.dead_letter d USING kept_letter k WHERE"
          " d.shard = k.shard AND d.record_offset = k.record_offset",
          "INSERT INTO pipeline.dead_letter SELECT * FROM kept_letter");
  differs("a shard stopped early",
          "UPDATE pipeline.shard SET next_offset = next_offset - 1"
          " WHERE shard = 0",
          "UPDATE pipeline.shard SET next_offset = next_offset + 1"
          " WHERE shard = 0");
  differences found;
  compare_database(cluster->place(), cluster->flow().ledger(), found);
  for (auto& text : found.texts())
    CAF_MESSAGE(text);
  CAF_CHECK_EQUAL(found.count(), 0);
  folder.discard();
}

CAF_TEST_FIXTURE_SCOPE_END()
