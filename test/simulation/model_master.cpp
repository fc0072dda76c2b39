#include "test/simulation/model_master.hpp"

namespace tickerflow::simulation {

namespace {

constexpr milliseconds tick_interval{100};
constexpr milliseconds ask_interval{500};
constexpr milliseconds lead_unheard_for{4000};

} // namespace

void model_master::receive(const message& x) {
  switch (x.what) {
    case kind::tick: tick(); return;
    case kind::acquired: {
      if (!x.yes || table_ || x.term <= term_)
        return;
      term_ = x.term;
      message ask;
      ask.what = kind::read;
      ask.term = term_;
      world_.send(self_, database_, ask);
      return;
    }
    case kind::stored: lead(x); return;
    case kind::renewed:
      if (!table_ || x.term != term_)
        return;
      if (x.yes)
        renewed_ = world_.now();
      else
        step_down();
      return;
    case kind::enroll: enroll(x); return;
    case kind::beat: beat(x); return;
    default: break;
  }
  if (!table_)
    return;
  shard_loss loss;
  loss.node = x.node;
  loss.shard = x.shard;
  loss.epoch = x.epoch;
  loss.seen_epoch = x.seen;
  loss.fenced = x.fenced;
  switch (x.what) {
    case kind::confirm: table_->revoked(loss, world_.now()); break;
    case kind::loss: table_->lost(loss, world_.now()); break;
    case kind::leave: {
      // It may be late, and of the process that had the name before.
      auto known = supervisors_.find(x.node);
      if (known == supervisors_.end() || !(known->second == x.from))
        return;
      table_->leave(x.node, world_.now());
      act();
      message answer;
      answer.what = kind::leave_answer;
      answer.yes = table_->idle(x.node);
      world_.send(self_, x.from, answer);
      return;
    }
    case kind::down:
      for (auto& [name, supervisor] : supervisors_)
        if (supervisor == x.from) {
          table_->dead(name, world_.now());
          supervisors_.erase(name);
          break;
        }
      break;
    default: return;
  }
  act();
}

void model_master::tick() {
  world_.after(tick_interval, self_);
  if (world_.now() - asked_ >= ask_interval) {
    asked_ = world_.now();
    message ask;
    ask.what = table_ ? kind::renew : kind::acquire;
    ask.term = term_;
    world_.send(self_, database_, ask);
  }
  if (!table_)
    return;
  if (!stubborn_ && world_.now() - renewed_ > lead_unheard_for)
    step_down();
  else
    act();
}

void model_master::lead(const message& x) {
  // One answer may come twice, but a term leads only once: its second table
  // would know nothing of the epochs that the first gave out.
  if (table_ || x.term != term_ || x.term == led_)
    return;
  led_ = x.term;
  renewed_ = world_.now();
  table_.emplace(*x.shards, shard_table::limits{}, world_.now());
  if (world_.tracing())
    world_.trace(self_, "LEADS in term " + std::to_string(term_));
}

void model_master::step_down() {
  if (world_.tracing())
    world_.trace(self_, "STEPS DOWN from term " + std::to_string(term_));
  table_.reset();
  message notice;
  notice.what = kind::down;
  for (auto& [name, supervisor] : supervisors_)
    world_.send(self_, supervisor, notice);
  supervisors_.clear();
}

void model_master::enroll(const message& x) {
  message answer;
  answer.what = kind::refused;
  if (table_) {
    auto held = x.report->shards;
    if (world_.broken(mutation::forget_held))
      held.clear();
    auto result = table_->join(*x.spec, held, world_.now());
    if (result == shard_table::admission::registered) {
      supervisors_[x.spec->name] = x.from;
      answer.what = kind::enrolled;
      answer.term = term_;
      if (world_.broken(mutation::restless))
        table_->rebalance(world_.now());
    } else {
      ++world_.count.names_refused;
    }
  }
  world_.send(self_, x.from, answer);
  if (table_)
    act();
}

void model_master::beat(const message& x) {
  message answer;
  answer.what = kind::beat_answer;
  answer.term = term_;
  if (table_) {
    auto known = supervisors_.find(x.report->name);
    answer.yes = known != supervisors_.end() && known->second == x.from
                 && table_->beat(*x.report, world_.now(), x.started_ms);
  }
  world_.send(self_, x.from, answer);
}

void model_master::act() {
  for (auto& x : table_->decide(world_.now()))
    order(x);
}

void model_master::order(const shard_table::order& x) {
  auto supervisor = supervisors_.find(x.node);
  if (supervisor == supervisors_.end())
    return;
  auto assign = x.kind == shard_table::order_kind::assign;
  auto given = x;
  if (assign && x.epoch > 1 && world_.broken(mutation::reuse_epoch)
      && world_.chance(0.1))
    --given.epoch;
  world_.watch.ordered(term_, given);
  world_.count.stale_told += !assign && x.epoch < table_->epoch(x.shard);
  message y;
  y.what = assign ? kind::assign : kind::revoke;
  y.term = term_;
  y.shard = x.shard;
  y.epoch = given.epoch;
  world_.send(self_, supervisor->second, y);
  if (!assign && world_.broken(mutation::hurry)) {
    shard_loss done;
    done.node = x.node;
    done.shard = x.shard;
    done.epoch = x.epoch;
    table_->revoked(done, world_.now());
  }
}

void model_master::drain(const std::string& node, bool on) {
  if (!table_->drain(node, on, world_.now()))
    return;
  auto supervisor = supervisors_.find(node);
  if (supervisor != supervisors_.end()) {
    message x;
    x.what = kind::drained;
    x.yes = on;
    world_.send(self_, supervisor->second, x);
  }
  act();
}

} // namespace tickerflow::simulation
