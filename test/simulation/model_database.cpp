#include "test/simulation/model_database.hpp"

namespace tickerflow::simulation {

namespace {

/// A leader that has not renewed its row for so long loses its session to a
/// standby.
constexpr milliseconds hold_without_renewal{3000};

} // namespace

void model_database::receive(const message& x) {
  switch (x.what) {
    case kind::claim: claim(x); break;
    case kind::write: write(x); break;
    case kind::acquire: acquire(x); break;
    case kind::read: read(x); break;
    case kind::renew: renew(x); break;
    case kind::down:
      if (leader_ == x.from)
        leader_ = {};
      break;
    default: break;
  }
}

void model_database::claim(const message& x) {
  auto& shard = shards_[static_cast<size_t>(x.shard)];
  message answer;
  answer.what = kind::claimed;
  answer.shard = x.shard;
  answer.epoch = x.epoch;
  auto old_term =
      x.term < leading_term_ && !world_.broken(mutation::claim_any_term);
  auto again = shard.epoch == x.epoch && shard.claimed_by == x.from;
  if (again || (shard.epoch < x.epoch && !old_term)) {
    world_.watch.claimed(x.from, x.shard, x.epoch, x.term);
    shard.epoch = x.epoch;
    shard.owner = x.node;
    shard.claimed_by = x.from;
    answer.yes = true;
    answer.next_offset = shard.next_offset;
  } else {
    answer.fenced = true;
    answer.seen = shard.epoch < x.epoch ? 0 : shard.epoch;
    world_.count.old_claims += shard.epoch < x.epoch;
  }
  world_.send(self_, x.from, answer);
}

void model_database::write(const message& x) {
  auto& shard = shards_[static_cast<size_t>(x.shard)];
  message answer;
  answer.what = kind::written;
  answer.shard = x.shard;
  answer.epoch = x.epoch;
  answer.from_offset = x.from_offset;
  answer.next_offset = x.next_offset;
  auto same_epoch =
      shard.epoch == x.epoch || world_.broken(mutation::write_any_epoch);
  if (same_epoch && shard.next_offset == x.from_offset) {
    world_.watch.committed(x.from, x.shard, x.epoch, x.from_offset,
                           x.next_offset);
    shard.next_offset = x.next_offset;
    ++world_.count.commits;
    answer.yes = true;
  } else if (!same_epoch) {
    answer.fenced = true;
    answer.seen = shard.epoch;
  } else {
    // A commit whose answer was lost; anything else is stale.
    answer.yes = shard.next_offset == x.next_offset;
  }
  world_.send(self_, x.from, answer);
}

void model_database::acquire(const message& x) {
  auto free = leader_.process < 0 || leader_ == x.from
              || world_.now() - renewed_ > hold_without_renewal;
  message answer;
  answer.what = kind::acquired;
  if (free) {
    leader_ = x.from;
    renewed_ = world_.now();
    leading_term_ = ++terms_;
    world_.watch.leads(leading_term_);
    answer.yes = true;
    answer.term = leading_term_;
  }
  world_.send(self_, x.from, answer);
}

void model_database::read(const message& x) {
  auto rows = std::make_shared<std::vector<stored_shard>>();
  for (auto& shard : shards_)
    rows->push_back({shard.epoch, shard.owner});
  message answer;
  answer.what = kind::stored;
  answer.term = x.term;
  answer.shards = std::move(rows);
  world_.send(self_, x.from, answer);
}

void model_database::renew(const message& x) {
  message answer;
  answer.what = kind::renewed;
  answer.term = x.term;
  answer.yes = leader_ == x.from && x.term == leading_term_;
  if (answer.yes)
    renewed_ = world_.now();
  world_.send(self_, x.from, answer);
}

} // namespace tickerflow::simulation
