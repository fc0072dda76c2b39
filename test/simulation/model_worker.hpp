#pragma once

#include "actors/order_gate.hpp"
#include "test/simulation/world.hpp"

namespace tickerflow::simulation {

/// A worker process: the real order_gate, and around it what the node's
/// supervisor, its aggregators and its writer do.
class model_worker : public process {
public:
  model_worker(world& around, address self, std::int32_t database,
               std::vector<std::int32_t> masters, node_spec spec);

  void receive(const message& x) override;

  const node_spec& spec() const { return spec_; }

  /// SIGTERM: hands its shards over, then ends itself.
  void leave() { leaving_ = true; }

  /// One of its aggregators fails.
  void fail_one();

  /// Whether it serves the shard at the epoch, claimed and ready.
  bool serves(std::int32_t shard, std::int64_t epoch) const;
  size_t services() const { return services_.size(); }
  bool registered_at(const address& master) const { return master_ == master; }

private:
  enum class phase : std::uint8_t { claiming, running, flushing };

  struct service {
    std::int64_t epoch = 0;
    std::int64_t term = 0;
    phase state = phase::claiming;
    bool idle = false; // its source has no records for now
    std::int64_t next_offset = 0;
    std::int64_t pending_to = 0; // of the write under way; 0: none
    bool last_written = false;   // flushing: what was pending is written
    std::int64_t revoke_epoch = 0;
    time asked{};
    time revoked{};
  };

  using service_map = std::map<std::int32_t, service>;

  void tick();
  void link();
  void beat();
  void work(std::int32_t shard, service& x);
  void send_write(std::int32_t shard, service& x);
  void assign(const message& x);
  void revoke(const message& x);
  void claimed(const message& x);
  void written(const message& x);
  void drop(service_map::iterator x, bool fenced, std::int64_t seen);
  void finish_revoke(service_map::iterator x);
  void confirm(std::int32_t shard, std::int64_t epoch);
  void unlink();
  bool linked() const { return master_.process >= 0; }
  message to_master(kind what) const;

  std::int32_t database_;
  std::vector<std::int32_t> masters_;
  node_spec spec_;
  order_gate gate_;
  service_map services_;
  std::map<std::int32_t, std::int64_t> pretended_; // of mutation::pretend
  address master_;
  size_t next_master_ = 0;
  time link_at_{};
  time beat_at_{};
  time heard_{}; // from the master
  bool leaving_ = false;
  bool may_end_ = false;
};

} // namespace tickerflow::simulation
