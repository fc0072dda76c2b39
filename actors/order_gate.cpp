#include "actors/order_gate.hpp"

#include <tuple>

namespace tickerflow {

bool order_gate::follow(std::int64_t term) {
  if (term < term_)
    return false;
  term_ = term;
  return true;
}

void order_gate::note(entry& x, const shard_order& order) {
  if (std::tie(x.seen_term, x.seen) < std::tie(order.term, order.epoch)) {
    x.seen_term = order.term;
    x.seen = order.epoch;
  }
}

order_gate::verdict order_gate::assign(const shard_order& x) {
  if (!follow(x.term))
    return verdict::ignore;
  auto& shard = shards_[x.shard];
  // A newer master may give out an epoch again that an older one gave but
  // nobody claimed: only within a term a seen epoch is an old one.
  if (x.epoch <= shard.held
      || std::tie(x.term, x.epoch) <= std::tie(shard.seen_term, shard.seen))
    return verdict::ignore;
  note(shard, x);
  shard.held = x.epoch;
  shard.dropping = false;
  return verdict::take;
}

order_gate::verdict order_gate::revoke(const shard_order& x) {
  if (!follow(x.term))
    return verdict::ignore;
  auto& shard = shards_[x.shard];
  note(shard, x);
  if (shard.held == 0 || shard.held > x.epoch)
    return verdict::confirm;
  if (shard.dropping)
    return verdict::ignore;
  shard.dropping = true;
  return verdict::drop;
}

void order_gate::dropped(std::int32_t shard, std::int64_t epoch) {
  auto known = shards_.find(shard);
  if (known == shards_.end() || known->second.held != epoch)
    return;
  known->second.held = 0;
  known->second.dropping = false;
}

std::int64_t order_gate::held(std::int32_t shard) const {
  auto known = shards_.find(shard);
  return known == shards_.end() ? 0 : known->second.held;
}

bool order_gate::dropping(std::int32_t shard) const {
  auto known = shards_.find(shard);
  return known != shards_.end() && known->second.dropping;
}

} // namespace tickerflow
