#pragma once

#include "test/simulation/message.hpp"
#include "test/simulation/scenario.hpp"

#include <map>
#include <set>
#include <stdexcept>

namespace tickerflow::simulation {

/// A promise was broken; the text says which, where and when.
struct violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Watches every step and knows nothing of how table, gate and database come
/// to what they do: it keeps books of its own.
class checker {
public:
  explicit checker(std::int32_t shards)
      : stored_(static_cast<size_t>(shards)) {}

  // What the database does.
  void leads(std::int64_t term);
  void claimed(const address& who, std::int32_t shard, std::int64_t epoch,
               std::int64_t term);
  void committed(const address& who, std::int32_t shard, std::int64_t epoch,
                 std::int64_t from_offset, std::int64_t next_offset);

  // What masters order.
  void ordered(std::int64_t term, const shard_table::order& x);

  // What workers do.
  void heard_term(const address& who, std::int64_t term);
  void obeyed(const address& who, std::int64_t term, std::int32_t shard);
  void told_fenced(const address& who, std::int32_t shard, std::int64_t epoch);
  void writes(const address& who, std::int32_t shard, std::int64_t epoch);

  /// An experiment begins: without faults nobody has to be fenced.
  void calm(bool on) { calm_ = on; }

private:
  struct books {
    std::int64_t epoch = 0;
    address owner;
    std::int64_t next_offset = 0;
  };

  std::vector<books> stored_;
  std::int64_t leading_term_ = 0;
  /// By term and shard: the last epoch that was given out.
  std::map<std::pair<std::int64_t, std::int32_t>, std::int64_t> given_;
  std::map<std::pair<std::int32_t, std::int32_t>, std::int64_t> terms_;
  std::set<std::pair<std::int64_t, std::int64_t>> fenced_;
  bool calm_ = false;
};

} // namespace tickerflow::simulation
