#include "actors/coordinator.hpp"

#include "market/shard.hpp"

#include <spdlog/spdlog.h>

namespace tickerflow {

namespace {

shard_table::time now() { return shard_table::clock::now(); }

} // namespace

void coordinator_state::start(quota_actor budget_owner, coordinator_options x) {
  quota = std::move(budget_owner);
  options = std::move(x);
  started = now();
  table = shard_table{options.epochs, options.limits};
  tickers.resize(options.epochs.size());
  auto shards = static_cast<std::int32_t>(tickers.size());
  for (auto& ticker : options.tickers)
    tickers[static_cast<size_t>(shard_of(ticker.symbol, shards))].push_back(
        ticker);
}

void coordinator_state::enroll(const node_spec& node, const node_report& held,
                               const node_actor& supervisor) {
  spdlog::info("event=node_joined node={} host={} pid={} shards_held={}",
               node.name, node.host, node.pid, held.shards.size());
  auto known = supervisors.find(node.name);
  if (known != supervisors.end())
    self->demonitor(known->second.address());
  supervisors[node.name] = supervisor;
  reports[node.name] = held;
  self->monitor(supervisor);
  table.join(node, held.shards, now());
  act();
}

void coordinator_state::act() {
  for (auto& node : table.nodes(now()))
    if (!node.alive && supervisors.count(node.spec.name) > 0) {
      spdlog::warn("event=node_dead node={} last_beat_ms={}", node.spec.name,
                   node.last_beat_ms);
      self->demonitor(supervisors[node.spec.name].address());
      supervisors.erase(node.spec.name);
      reports.erase(node.spec.name);
    }
  for (auto& x : table.decide(now())) {
    shard_order order;
    order.term = options.term;
    order.shard = x.shard;
    order.epoch = x.epoch;
    auto supervisor = supervisors.find(x.node);
    if (supervisor == supervisors.end())
      continue; // it died a moment ago: the next tick sees it
    if (x.kind == shard_table::order_kind::assign) {
      order.tickers = tickers[static_cast<size_t>(x.shard)];
      spdlog::info("event=shard_assigned shard={} epoch={} node={} tickers={}",
                   x.shard, x.epoch, x.node, order.tickers.size());
      self->send(supervisor->second, assign_atom_v, std::move(order));
    } else {
      spdlog::info("event=shard_revoked shard={} epoch={} node={}", x.shard,
                   x.epoch, x.node);
      self->send(supervisor->second, revoke_atom_v, std::move(order));
    }
  }
}

void coordinator_state::node_down(const caf::actor_addr& source) {
  for (auto& [name, supervisor] : supervisors)
    if (supervisor.address() == source) {
      spdlog::warn("event=node_lost node={} reason=\"connection closed\"",
                   name);
      table.dead(name, now());
      reports.erase(name);
      supervisors.erase(name);
      act();
      return;
    }
}

cluster_status coordinator_state::status() {
  cluster_status result;
  result.version = options.version;
  result.term = options.term;
  result.uptime_s =
      std::chrono::duration_cast<std::chrono::seconds>(now() - started).count();
  result.nodes = table.nodes(now());
  result.budget = budget;
  for (size_t i = 0; i < tickers.size(); ++i) {
    shard_status x;
    auto shard = static_cast<std::int32_t>(i);
    x.owner = table.owner(shard);
    x.report.shard = shard;
    x.report.epoch = table.epoch(shard);
    x.report.state = x.owner.empty() ? "unowned" : "assigned";
    for (auto& ticker : tickers[i]) {
      ticker_report row;
      row.symbol = ticker.symbol;
      x.report.tickers.push_back(row);
    }
    auto report = reports.find(x.owner);
    if (report != reports.end())
      for (auto& y : report->second.shards)
        if (y.shard == shard && y.epoch == x.report.epoch)
          x.report = y;
    result.shards.push_back(std::move(x));
  }
  return result;
}

coordinator_actor::behavior_type
coordinator(coordinator_actor::stateful_pointer<coordinator_state> self,
            quota_actor quota, coordinator_options options) {
  auto& state = self->state;
  state.start(std::move(quota), std::move(options));
  self->set_down_handler(
      [&state](caf::down_msg& x) { state.node_down(x.source); });
  self->delayed_send(self, state.options.tick, tick_atom_v);
  return {
      [&state](register_atom, const node_spec& node, const node_report& held,
               const node_actor& supervisor) {
        state.enroll(node, held, supervisor);
        return std::make_tuple(state.options.term, state.quota);
      },
      [&state](beat_atom, const node_report& x) {
        state.reports[x.name] = x;
        state.table.beat(x, now());
      },
      [&state](revoked_atom, const shard_loss& x) {
        state.table.revoked(x, now());
        state.act();
      },
      [&state](lost_atom, const shard_loss& x) {
        spdlog::warn("event=shard_lost shard={} epoch={} node={} fenced={} "
                     "reason=\"{}\"",
                     x.shard, x.epoch, x.node, x.fenced, x.reason);
        state.table.lost(x, now());
        state.act();
      },
      [&state](leave_atom, const std::string& node) {
        state.table.leave(node);
        state.act();
        return state.table.idle(node);
      },
      [self](tick_atom) {
        auto& state = self->state;
        state.act();
        self->delayed_send(self, state.options.tick, tick_atom_v);
      },
      [self](status_atom) -> caf::result<cluster_status> {
        auto& state = self->state;
        auto promise = self->make_response_promise<cluster_status>();
        self->request(state.quota, std::chrono::seconds{1}, status_atom_v)
            .then(
                [&state, promise](const budget_status& x) mutable {
                  state.budget = x;
                  promise.deliver(state.status());
                },
                [&state, promise](caf::error&) mutable {
                  promise.deliver(
                      state.status()); // with the budget as last known
                });
        return promise;
      },
  };
}

} // namespace tickerflow
