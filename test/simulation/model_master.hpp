#pragma once

#include "test/simulation/world.hpp"

#include <optional>

namespace tickerflow::simulation {

/// A master process: the real shard_table, and around it what the coordinator
/// and the wait for the leader's lock do.
class model_master : public process {
public:
  /// @param stubborn does not stop leading when the database is silent, only
  ///        when it says that another leads
  model_master(world& around, address self, std::int32_t database,
               bool stubborn)
      : process(around, self), database_(database), stubborn_(stubborn) {}

  void receive(const message& x) override;

  bool leading() const { return table_.has_value(); }
  std::int64_t term() const { return term_; }
  shard_table& table() { return *table_; }

  /// Sends what the table decides, as after any event.
  void act();

  void drain(const std::string& node, bool on);

private:
  void tick();
  void lead(const message& x);
  void step_down();
  void enroll(const message& x);
  void beat(const message& x);
  void order(const shard_table::order& x);

  std::int32_t database_;
  bool stubborn_;
  std::int64_t term_ = 0; // the last that was acquired
  std::int64_t led_ = 0;  // the last that led
  std::optional<shard_table> table_;
  std::map<std::string, address> supervisors_;
  time asked_{};   // the database, for whatever
  time renewed_{}; // as far as we know
};

} // namespace tickerflow::simulation
