#include "actors/coordinator.hpp"

#include "market/shard.hpp"

#include <spdlog/spdlog.h>

namespace tickerflow {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

// Who asks more often than this gets the nodes' last answers.
constexpr milliseconds status_age{500};
constexpr milliseconds status_timeout{1000};

shard_table::time now() { return shard_table::clock::now(); }

} // namespace

void coordinator_state::start(quota_actor budget_owner, coordinator_options x) {
  quota = std::move(budget_owner);
  options = std::move(x);
  started = now();
  table = shard_table{options.shards, options.limits, started};
  tickers.resize(options.shards.size());
  history = move_history{options.shards.size()};
  paused = {options.paused.begin(), options.paused.end()};
  auto shards = static_cast<std::int32_t>(tickers.size());
  for (auto& ticker : options.tickers)
    tickers[static_cast<size_t>(shard_of(ticker.symbol, shards))].push_back(
        ticker);
}

caf::result<std::int64_t, quota_actor>
coordinator_state::enroll(const node_spec& node, const node_report& held,
                          const node_actor& supervisor) {
  if (table.join(node, held.shards, now())
      == shard_table::admission::name_in_use) {
    spdlog::warn("event=node_refused node={} host={} pid={} reason=\"another "
                 "process of this name is alive\"",
                 node.name, node.host, node.pid);
    return failure(errc::bad_setting,
                   "another process called " + node.name
                       + " is alive (give each its own TICKERFLOW_NODE)");
  }
  spdlog::info("event=node_joined node={} host={} pid={} weight={} "
               "shards_held={}",
               node.name, node.host, node.pid, node.weight, held.shards.size());
  forget(node.name);
  auto& entry = nodes[node.name];
  entry.supervisor = supervisor;
  entry.report = held;
  entry.drained = node.drained;
  self->monitor(supervisor);
  tell_paused(entry);
  act();
  return {options.term, quota};
}

beat_answer coordinator_state::beat(const node_report& x) {
  beat_answer result;
  result.term = options.term;
  result.registered = sent_by(x.name) && table.beat(x, now());
  if (result.registered)
    nodes[x.name].report = x;
  return result;
}

void coordinator_state::forget(const std::string& node) {
  auto known = nodes.find(node);
  if (known == nodes.end())
    return;
  self->demonitor(known->second.supervisor.address());
  nodes.erase(known);
}

void coordinator_state::act() {
  for (auto& x : table.decide(now()))
    order(x);
  note_owners();
}

void coordinator_state::tick() {
  act();
  for (auto& node : table.nodes(now()))
    if (!node.alive && nodes.count(node.spec.name) > 0) {
      spdlog::warn("event=node_dead node={} last_beat_ms={}", node.spec.name,
                   node.last_beat_ms);
      forget(node.spec.name);
    }
  self->delayed_send(self, options.tick, tick_atom_v);
}

/// Of a process that another one has replaced under its name, a message says
/// nothing of the other.
bool coordinator_state::sent_by(const std::string& name) const {
  auto node = nodes.find(name);
  auto sender = caf::actor_cast<caf::actor_addr>(self->current_sender());
  return node != nodes.end() && node->second.supervisor.address() == sender;
}

void coordinator_state::order(const shard_table::order& x) {
  auto node = nodes.find(x.node);
  if (node == nodes.end())
    return; // it died a moment ago: the next tick sees it
  shard_order order;
  order.term = options.term;
  order.shard = x.shard;
  order.epoch = x.epoch;
  if (x.kind == shard_table::order_kind::assign) {
    order.tickers = tickers[static_cast<size_t>(x.shard)];
    spdlog::info("event=shard_assigned shard={} epoch={} node={} tickers={} "
                 "reason=\"{}\"",
                 x.shard, x.epoch, x.node, order.tickers.size(),
                 table.view(x.shard, now()).reason);
    note_assigned(x);
    self->send(node->second.supervisor, assign_atom_v, std::move(order));
  } else {
    spdlog::info("event=shard_revoked shard={} epoch={} node={} reason=\"{}\"",
                 x.shard, x.epoch, x.node, table.view(x.shard, now()).reason);
    self->send(node->second.supervisor, revoke_atom_v, std::move(order));
  }
}

void coordinator_state::node_down(const caf::actor_addr& source) {
  for (auto& [name, node] : nodes)
    if (node.supervisor.address() == source) {
      spdlog::warn("event=node_lost node={} reason=\"connection closed\"",
                   name);
      table.dead(name, now());
      nodes.erase(name);
      act();
      return;
    }
}

caf::result<std::int32_t> coordinator_state::drain(const std::string& node,
                                                   bool on) {
  auto known = nodes.find(node);
  if (known == nodes.end() || !table.drain(node, on, now()))
    return failure(errc::bad_request,
                   "no node " + node
                       + " is registered here (\"tickerflow status\" lists "
                         "them)");
  if (known->second.drained != on)
    spdlog::info("event=node_{} node={}", on ? "drained" : "undrained", node);
  known->second.drained = on;
  // It remembers, so that the next master knows it too.
  self->send(known->second.supervisor, drain_atom_v, on);
  act();
  std::int32_t left = 0;
  for (size_t i = 0; i < table.size(); ++i)
    left += table.owner(static_cast<std::int32_t>(i)) == node;
  return left;
}

caf::result<std::vector<planned_move>>
coordinator_state::rebalance(const move_question& x) {
  for (auto& node : x.without)
    if (!table.knows(node))
      return failure(errc::bad_request,
                     "no node " + node
                         + " is known here (\"tickerflow status\" lists them)");
  if (!x.carry_out)
    return table.plan(x, now());
  table.rebalance(now());
  auto result = table.plan(x, now());
  spdlog::info("event=rebalance_ordered moves={}", result.size());
  act();
  return result;
}

caf::result<cluster_status> coordinator_state::ask_status() {
  auto promise = self->make_response_promise<cluster_status>();
  asked.push_back(promise);
  if (awaited > 0)
    return promise; // the round under way answers this one as well
  if (now() - asked_nodes_at < status_age)
    answered();
  else
    ask_nodes();
  return promise;
}

void coordinator_state::ask_nodes() {
  asked_nodes_at = now();
  auto one_less = [this] {
    if (--awaited == 0)
      answered();
  };
  awaited = nodes.size() + 1;
  self->request(quota, status_timeout, status_atom_v)
      .then(
          [this, one_less](const budget_status& x) {
            budget = x;
            one_less();
          },
          [one_less](caf::error&) {
            one_less(); // with the budget as last known
          });
  for (auto& [name, node] : nodes)
    self->request(node.supervisor, status_timeout, status_atom_v)
        .then(
            [this, one_less, name = name](node_report& x) {
              auto known = nodes.find(name);
              if (known != nodes.end()) {
                known->second.full = std::move(x);
                known->second.full_since = now();
              }
              one_less();
            },
            [one_less](caf::error&) {
              one_less(); // the age of its last report tells
            });
}

void coordinator_state::answered() {
  auto result = status();
  for (auto& promise : asked)
    promise.deliver(result);
  asked.clear();
}

cluster_status coordinator_state::status() const {
  auto at = now();
  cluster_status result;
  result.version = options.version;
  result.term = options.term;
  result.uptime_s =
      duration_cast<std::chrono::seconds>(at - started).count();
  result.masters = masters;
  result.budget = budget;
  result.nodes = table.nodes(at);
  for (auto& x : result.nodes) {
    auto node = nodes.find(x.spec.name);
    if (node == nodes.end()
        || node->second.full_since == shard_table::time{})
      continue;
    x.report_age_ms =
        duration_cast<milliseconds>(at - node->second.full_since).count();
    x.queues = node->second.full.queues;
  }
  for (size_t i = 0; i < tickers.size(); ++i) {
    auto shard = static_cast<std::int32_t>(i);
    auto x = table.view(shard, at);
    x.report.state = x.owner.empty() ? "unowned" : "assigned";
    for (auto& ticker : tickers[i]) {
      ticker_report row;
      row.symbol = ticker.symbol;
      x.report.tickers.push_back(row);
    }
    auto node = nodes.find(x.owner);
    if (node != nodes.end()) {
      auto& known = node->second;
      // The full report has the tickers, but a beat may be younger than it.
      for (auto report : {&known.full, &known.report})
        for (auto& y : report->shards) {
          if (y.shard != shard || y.epoch != x.report.epoch)
            continue;
          auto rows = std::move(x.report.tickers);
          x.report = y;
          if (x.report.tickers.empty())
            x.report.tickers = std::move(rows);
        }
    }
    // The last report may be older than what an operator has said since.
    for (auto& row : x.report.tickers)
      row.paused = paused.count(row.symbol) > 0;
    result.shards.push_back(std::move(x));
  }
  return result;
}

coordinator_actor::behavior_type
coordinator(observed_pointer<coordinator_actor, coordinator_state> self,
            quota_actor quota, coordinator_options options) {
  auto& state = self->state;
  state.start(std::move(quota), std::move(options));
  self->set_down_handler(
      [&state](caf::down_msg& x) { state.node_down(x.source); });
  self->delayed_send(self, state.options.tick, tick_atom_v);
  return {
      [&state](register_atom, const node_spec& node, const node_report& held,
               const node_actor& supervisor) {
        return state.enroll(node, held, supervisor);
      },
      [&state](beat_atom, const node_report& x) { return state.beat(x); },
      [&state](revoked_atom, const shard_loss& x) {
        state.table.revoked(x, now());
        state.act();
      },
      [&state](lost_atom, const shard_loss& x) {
        spdlog::warn("event=shard_lost shard={} epoch={} node={} fenced={} "
                     "reason=\"{}\"",
                     x.shard, x.epoch, x.node, x.fenced, x.reason);
        state.note_lost(x);
        state.table.lost(x, now());
        state.act();
      },
      [&state](leave_atom, const std::string& node) {
        if (!state.sent_by(node))
          return true; // it serves nothing here any more
        state.table.leave(node, now());
        state.act();
        return state.table.idle(node);
      },
      [&state](drain_atom, const std::string& node, bool on) {
        return state.drain(node, on);
      },
      [&state](rebalance_atom, const move_question& x) {
        return state.rebalance(x);
      },
      [&state](nodes_atom) { return state.registered(); },
      [&state](moves_atom) { return state.history.log(); },
      [&state](pause_atom, const std::string& symbol, bool on) {
        return state.pause(symbol, on);
      },
      [&state](masters_atom, const std::vector<master_status>& x) {
        state.masters = x;
      },
      [&state](tick_atom) { state.tick(); },
      [&state](status_atom) { return state.ask_status(); },
  };
}

} // namespace tickerflow
