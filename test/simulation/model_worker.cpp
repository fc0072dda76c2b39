#include "test/simulation/model_worker.hpp"

namespace tickerflow::simulation {

namespace {

constexpr milliseconds tick_interval{100};
constexpr milliseconds beat_interval{500};
constexpr milliseconds retry_interval{500};
constexpr milliseconds master_silent_for{4000};
constexpr milliseconds revoke_timeout{6000};

} // namespace

model_worker::model_worker(world& around, address self, std::int32_t database,
                           std::vector<std::int32_t> masters, node_spec spec)
    : process(around, self), database_(database), masters_(std::move(masters)),
      spec_(std::move(spec)) {
  next_master_ = static_cast<size_t>(
      world_.pick(static_cast<std::int64_t>(masters_.size())));
}

message model_worker::to_master(kind what) const {
  message x;
  x.what = what;
  x.node = spec_.name;
  x.started_ms = spec_.started_ms;
  return x;
}

void model_worker::receive(const message& x) {
  switch (x.what) {
    case kind::tick: tick(); break;
    case kind::enrolled:
      world_.watch.heard_term(self_, x.term);
      if (!gate_.follow(x.term))
        break; // the next attempt goes to another master
      master_ = x.from;
      heard_ = world_.now();
      break;
    case kind::beat_answer:
      if (!(master_ == x.from))
        break;
      heard_ = world_.now();
      if (!x.yes || x.term < gate_.term())
        unlink();
      break;
    case kind::down:
      if (master_ == x.from)
        unlink();
      break;
    case kind::assign: assign(x); break;
    case kind::revoke: revoke(x); break;
    case kind::claimed: claimed(x); break;
    case kind::written: written(x); break;
    case kind::drained: spec_.drained = x.yes; break;
    case kind::leave_answer: may_end_ = x.yes; break;
    default: break;
  }
}

void model_worker::unlink() {
  master_ = {};
  may_end_ = false;
  link_at_ = world_.now() + world_.between(0, 300);
}

void model_worker::tick() {
  if (leaving_ && services_.empty() && (may_end_ || !linked())) {
    world_.end(self_.process); // this object is gone now
    return;
  }
  world_.after(tick_interval, self_);
  if (linked() && world_.now() - heard_ > master_silent_for)
    unlink();
  if (!linked() && world_.now() >= link_at_)
    link();
  if (linked() && world_.now() - beat_at_ >= beat_interval)
    beat();
  for (auto i = services_.begin(); i != services_.end();) {
    auto x = i++; // work may end it
    work(x->first, x->second);
  }
}

void model_worker::link() {
  if (leaving_)
    return;
  auto master = masters_[next_master_++ % masters_.size()];
  link_at_ = world_.now() + world_.between(500, 1500);
  auto x = to_master(kind::enroll);
  auto report = std::make_shared<node_report>();
  report->name = spec_.name;
  for (auto& [shard, y] : services_) {
    shard_report row;
    row.shard = shard;
    row.epoch = y.epoch;
    report->shards.push_back(row);
  }
  x.report = std::move(report);
  x.spec = std::make_shared<node_spec>(spec_);
  world_.send(self_, master, x);
}

void model_worker::beat() {
  beat_at_ = world_.now();
  auto x = to_master(kind::beat);
  auto report = std::make_shared<node_report>();
  report->name = spec_.name;
  for (auto& [shard, y] : services_) {
    shard_report row;
    row.shard = shard;
    row.epoch = y.epoch;
    row.state = y.state == phase::claiming  ? "opening"
                : y.state == phase::running ? "running"
                                            : "revoking";
    report->shards.push_back(row);
  }
  for (auto& [shard, epoch] : pretended_) {
    shard_report row;
    row.shard = shard;
    row.epoch = epoch;
    report->shards.push_back(row);
  }
  x.report = std::move(report);
  world_.send(self_, master_, x);
  if (leaving_)
    world_.send(self_, master_, to_master(kind::leave));
}

/// One step of a shard: claim, write, flush, or ask again.
void model_worker::work(std::int32_t shard, service& x) {
  // Without a master a node that stops ends its shards itself.
  if (leaving_ && !linked() && x.state != phase::flushing) {
    x.revoked = world_.now();
    x.revoke_epoch = x.epoch;
    if (x.state == phase::claiming) {
      finish_revoke(services_.find(shard)); // nothing was read yet
      return;
    }
    x.state = phase::flushing;
  }
  auto ask_again = world_.now() - x.asked >= retry_interval;
  switch (x.state) {
    case phase::claiming: {
      if (!ask_again)
        return;
      x.asked = world_.now();
      message claim;
      claim.what = kind::claim;
      claim.shard = shard;
      claim.epoch = x.epoch;
      claim.term = x.term;
      claim.node = spec_.name;
      world_.send(self_, database_, claim);
      return;
    }
    case phase::running:
      if (world_.chance(0.02))
        x.idle = !x.idle;
      if (x.pending_to != 0 ? ask_again : !x.idle && world_.chance(0.3))
        send_write(shard, x);
      return;
    case phase::flushing:
      if (world_.now() - x.revoked > revoke_timeout) {
        finish_revoke(services_.find(shard)); // the epoch fences the rest
        return;
      }
      if (x.pending_to == 0 && x.last_written)
        finish_revoke(services_.find(shard));
      else if (x.pending_to == 0 || ask_again)
        send_write(shard, x);
      return;
  }
}

/// Begins a write, or sends the one that is under way again.
void model_worker::send_write(std::int32_t shard, service& x) {
  if (x.pending_to == 0) {
    x.pending_to = x.next_offset + 1 + world_.pick(100);
    x.last_written = x.state == phase::flushing;
  }
  x.asked = world_.now();
  message y;
  y.what = kind::write;
  y.shard = shard;
  y.epoch = x.epoch;
  y.from_offset = x.next_offset;
  y.next_offset = x.pending_to;
  world_.watch.writes(self_, shard, x.epoch);
  world_.send(self_, database_, y);
}

void model_worker::assign(const message& x) {
  shard_order order;
  order.term = x.term;
  order.shard = x.shard;
  order.epoch = x.epoch;
  if (world_.broken(mutation::obey_old_terms))
    order.term = std::max(order.term, gate_.term());
  auto verdict = leaving_ ? order_gate::verdict::ignore : gate_.assign(order);
  if (verdict == order_gate::verdict::take) {
    world_.watch.obeyed(self_, x.term, x.shard);
    auto& y = services_[x.shard] = service{};
    y.epoch = x.epoch;
    y.term = x.term;
    pretended_.erase(x.shard);
    work(x.shard, y);
  }
  world_.watch.heard_term(self_, x.term);
}

void model_worker::revoke(const message& x) {
  shard_order order;
  order.term = x.term;
  order.shard = x.shard;
  order.epoch = x.epoch;
  auto verdict = gate_.revoke(order);
  if (verdict == order_gate::verdict::confirm)
    confirm(x.shard, x.epoch);
  if (verdict == order_gate::verdict::drop) {
    world_.watch.obeyed(self_, x.term, x.shard);
    auto service = services_.find(x.shard);
    if (service == services_.end()) // of mutation::pretend
      return;
    service->second.revoke_epoch = x.epoch;
    service->second.revoked = world_.now();
    if (service->second.state == phase::claiming) {
      finish_revoke(service); // nothing was read yet
    } else {
      service->second.state = phase::flushing;
      work(x.shard, service->second);
    }
  }
  world_.watch.heard_term(self_, x.term);
}

void model_worker::claimed(const message& x) {
  auto service = services_.find(x.shard);
  if (service == services_.end() || service->second.epoch != x.epoch
      || service->second.state != phase::claiming)
    return;
  if (!x.yes) {
    drop(service, x.fenced, x.seen);
    return;
  }
  service->second.state = phase::running;
  service->second.next_offset = x.next_offset;
  service->second.asked = time{};
}

void model_worker::written(const message& x) {
  auto found = services_.find(x.shard);
  if (found == services_.end() || found->second.epoch != x.epoch
      || found->second.next_offset != x.from_offset
      || found->second.pending_to != x.next_offset)
    return;
  auto& y = found->second;
  if (!x.yes) {
    if (x.fenced && world_.broken(mutation::ignore_fencing)) {
      world_.watch.told_fenced(self_, x.shard, x.epoch);
      return;
    }
    drop(found, x.fenced, x.seen);
    return;
  }
  y.next_offset = y.pending_to;
  y.pending_to = 0;
  if (y.state == phase::flushing)
    work(x.shard, y);
}

/// Not by order: fenced, or failed.
void model_worker::drop(service_map::iterator x, bool fenced,
                        std::int64_t seen) {
  auto [shard, y] = *x;
  if (world_.tracing())
    world_.trace(self_, "DROPS shard " + std::to_string(shard) + " epoch "
                            + std::to_string(y.epoch)
                            + (fenced ? " (fenced)" : " (failed)"));
  if (fenced) {
    world_.watch.told_fenced(self_, shard, y.epoch);
    ++world_.count.fenced;
  }
  if (y.state == phase::flushing) {
    finish_revoke(x);
    return;
  }
  services_.erase(x);
  if (world_.broken(mutation::pretend)) {
    pretended_[shard] = y.epoch;
    return;
  }
  gate_.dropped(shard, y.epoch);
  if (!linked())
    return;
  auto loss = to_master(kind::loss);
  loss.shard = shard;
  loss.epoch = y.epoch;
  loss.fenced = fenced;
  loss.seen = seen;
  world_.send(self_, master_, loss);
}

void model_worker::finish_revoke(service_map::iterator x) {
  auto shard = x->first;
  auto ordered = x->second.revoke_epoch;
  gate_.dropped(shard, x->second.epoch);
  services_.erase(x);
  confirm(shard, ordered);
}

void model_worker::confirm(std::int32_t shard, std::int64_t epoch) {
  if (!linked())
    return;
  auto x = to_master(kind::confirm);
  x.shard = shard;
  x.epoch = epoch;
  world_.send(self_, master_, x);
}

void model_worker::fail_one() {
  if (services_.empty())
    return;
  auto x = services_.begin();
  std::advance(x, world_.pick(static_cast<std::int64_t>(services_.size())));
  if (x->second.state == phase::running)
    drop(x, false, 0);
}

bool model_worker::serves(std::int32_t shard, std::int64_t epoch) const {
  auto x = services_.find(shard);
  return x != services_.end() && x->second.epoch == epoch
         && x->second.state == phase::running && gate_.held(shard) == epoch;
}

} // namespace tickerflow::simulation
