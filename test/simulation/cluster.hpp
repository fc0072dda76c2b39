#pragma once

#include "test/simulation/model_database.hpp"
#include "test/simulation/model_master.hpp"
#include "test/simulation/model_worker.hpp"

namespace tickerflow::simulation {

/// A world with a database, masters and workers, what can go wrong with them,
/// and what has to be true when nothing goes wrong any more.
class cluster {
public:
  explicit cluster(const scenario& x);

  /// Faults at random times until they end.
  void suffer();

  /// No faults any more: runs until all is well.
  /// @throws violation if that takes too long
  milliseconds recover();

  /// One change of the membership, and what it has to move.
  /// @throws violation
  void experiment();

  world& around() { return world_; }

private:
  struct seat {
    std::string name;
    std::int32_t place = 0;
    std::int32_t weight = 1;
    bool twin = false; // a second process under another's name
  };

  void start_worker(seat& x);
  void start_master(size_t x);
  model_worker* worker(const seat& x);
  model_master* leader();
  void fault();
  void worker_fault(seat& x);
  void watch_leaders();

  /// @returns what is not as it should be, empty if nothing
  std::string trouble();
  std::string trouble_of(model_master& master);
  void run_until_well(milliseconds limit, const std::string& what);

  std::vector<std::string> owners();
  std::int64_t fewest_moves(const std::vector<std::string>& before);
  void join_one();
  void lose_one(bool by_kill);
  void drain_one();
  void rebalance();
  void switch_masters();
  void check_moves(const std::vector<std::string>& before,
                   const std::string& node, bool gains, std::int64_t planned,
                   const std::string& what);

  scenario scenario_;
  std::int32_t shards_;
  world world_;
  std::int32_t database_ = 0;
  std::vector<std::int32_t> masters_;
  std::vector<seat> workers_;
  std::int64_t started_ = 0;
  bool stubborn_ = false;
  int joined_ = 0;
};

} // namespace tickerflow::simulation
