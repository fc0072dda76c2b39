#pragma once

#include "test/simulation/world.hpp"

namespace tickerflow::simulation {

/// PostgreSQL as the pipeline sees it: one transaction at a time, fenced by
/// epoch and term (io/postgres/shard_store.cpp), and the leader's lock.
class model_database : public process {
public:
  model_database(world& around, address self, std::int32_t shards)
      : process(around, self), shards_(static_cast<size_t>(shards)) {}

  void receive(const message& x) override;

  std::int64_t epoch(std::int32_t shard) const {
    return shards_[static_cast<size_t>(shard)].epoch;
  }
  std::int64_t next_offset(std::int32_t shard) const {
    return shards_[static_cast<size_t>(shard)].next_offset;
  }
  const address& leader() const { return leader_; }

private:
  struct row {
    std::int64_t epoch = 0;
    std::string owner;
    address claimed_by;
    std::int64_t next_offset = 0;
  };

  void claim(const message& x);
  void write(const message& x);
  void acquire(const message& x);
  void read(const message& x);
  void renew(const message& x);

  std::vector<row> shards_;
  std::int64_t terms_ = 0;
  std::int64_t leading_term_ = 0;
  address leader_; // whose session holds the lock
  time renewed_{};
};

} // namespace tickerflow::simulation
