#include "actors/node_supervisor.hpp"

#include "actors/node_facts.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace tickerflow {

namespace {

constexpr std::chrono::seconds answer_timeout{5};
// Longer than anything of ours is busy.
constexpr std::chrono::seconds status_timeout{60};
// With the time to write what is pending it has to fit into the 10 s of an
// orderly stop.
constexpr std::chrono::seconds leave_timeout{2};

} // namespace

/// Asks the connector, for connecting itself would block this one.
void node_supervisor_state::link() {
  if (coordinator || enrolling || leaving || options.masters.empty())
    return;
  enrolling = true;
  auto& master = options.masters[next_master];
  self->request(options.connector, options.connect_timeout,
                caf::connect_atom_v, master.host, master.port)
      .then(
          [this](const caf::node_id&, caf::strong_actor_ptr& found,
                 const std::set<std::string>&) {
            if (found)
              enroll(caf::actor_cast<coordinator_actor>(found));
            else
              relink("no coordinator behind that port");
          },
          [this](caf::error& reason) { relink(text_of(reason)); });
}

/// This master did not work out: on to the next, after a round with a wait.
void node_supervisor_state::relink(const std::string& reason) {
  enrolling = false;
  auto& master = options.masters[next_master];
  spdlog::debug("event=master_refused master={}:{} reason=\"{}\"",
                master.host, master.port, reason);
  // All of them: "nothing listens" at a standby hides what the leader says.
  round_reasons += (round_reasons.empty() ? "" : "; ") + reason;
  next_master = (next_master + 1) % options.masters.size();
  if (++tries_in_round < options.masters.size()) {
    self->send(self, link_atom_v);
    return;
  }
  tries_in_round = 0;
  auto reasons = std::exchange(round_reasons, {});
  // Again when it changes: a master may have been upgraded meanwhile.
  if (told_reasons != reasons) {
    told_reasons = reasons;
    spdlog::warn("event=master_unreachable masters={} reason=\"{}\" hint=\"is "
                 "a master running? retrying; shards that are served go on\"",
                 options.masters.size(), reasons);
  }
  self->delayed_send(self, relink_wait.next(), link_atom_v);
}

/// The master is gone, or no longer leads: shards go on meanwhile.
void node_supervisor_state::unlink(const std::string& reason) {
  if (!coordinator)
    return;
  spdlog::warn("event=master_lost term={} reason=\"{}\"", gate.term(),
               reason);
  self->demonitor(coordinator.address());
  coordinator = nullptr;
  node_facts::instance().registered = false;
  quota = nullptr;
  // The same one first: it may have been the connection only.
  self->send(self, link_atom_v);
}

void node_supervisor_state::enroll(const coordinator_actor& found) {
  auto held = beat_report();
  self->request(found, answer_timeout, register_atom_v, options.node, held,
                node_actor{self})
      .then(
          [this, found](std::int64_t new_term, const quota_actor& budget) {
            if (!gate.follow(new_term)) {
              relink("its term " + std::to_string(new_term)
                     + " is older than " + std::to_string(gate.term())
                     + ", seen before");
              return;
            }
            enrolling = false;
            coordinator = found;
            node_facts::instance().registered = true;
            self->monitor(coordinator);
            quota = budget;
            relink_wait.reset();
            tries_in_round = 0;
            round_reasons.clear();
            told_reasons.clear();
            beat_open = false;
            answered = std::chrono::steady_clock::now();
            auto& master = options.masters[next_master];
            spdlog::info("event=registered node={} master={}:{} term={}",
                         options.node.name, master.host, master.port,
                         new_term);
            // Fetchers hold the old master's quota, which never answers again.
            for (auto& [id, shard] : shards)
              stop_fetchers(shard);
            if (!beating) {
              beating = true;
              self->send(self, beat_atom_v);
            }
          },
          [this](caf::error& reason) { relink(text_of(reason)); });
}

void node_supervisor_state::assign(const shard_order& x) {
  if (leaving || gate.assign(x) != order_gate::verdict::take) {
    spdlog::info("event=order_ignored shard={} epoch={} term={}", x.shard,
                 x.epoch, x.term);
    return;
  }
  // The same shard anew: its old aggregator would be fenced anyhow.
  end_shard(x.shard);
  auto& shard = shards[x.shard] = served_shard{};
  shard.order = x;
  start_aggregator(shard, {});
}

void node_supervisor_state::drop_shard(
    std::map<std::int32_t, served_shard>::iterator x) {
  stop_fetchers(x->second);
  self->demonitor(x->second.aggregator.address());
  self->send_exit(x->second.aggregator, caf::exit_reason::kill);
  shards.erase(x);
}

/// Ends a shard without waiting for what it has not written yet.
void node_supervisor_state::end_shard(std::int32_t id) {
  auto known = shards.find(id);
  if (known == shards.end())
    return;
  self->send(bridge, close_feed_atom_v, id, known->second.order.epoch);
  drop_shard(known);
}

void node_supervisor_state::revoke(const shard_order& x) {
  switch (gate.revoke(x)) {
    case order_gate::verdict::confirm:
      confirm_revoked(x); // we do not serve it: nothing to wait for
      return;
    case order_gate::verdict::drop: break;
    default: return;
  }
  auto known = shards.find(x.shard);
  if (known == shards.end()) { // it failed a moment ago
    gate.dropped(x.shard, gate.held(x.shard));
    confirm_revoked(x);
    return;
  }
  auto& shard = known->second;
  shard.revoking = true;
  stop_fetchers(shard);
  // What is served may be older than what is revoked, by a lost order.
  auto finish = [this, x, epoch = shard.order.epoch] {
    auto served = shards.find(x.shard);
    if (served != shards.end() && served->second.order.epoch == epoch)
      drop_shard(served); // it has closed its feed itself
    gate.dropped(x.shard, epoch);
    confirm_revoked(x);
    leave_step();
  };
  self->request(shard.aggregator, options.revoke_timeout, revoke_atom_v)
      .then([finish](std::int64_t) { finish(); },
            [finish, x](caf::error& reason) {
              // The epoch fences whatever it may still write.
              spdlog::warn(
                  "event=revoke_forced shard={} epoch={} reason=\"{}\"",
                  x.shard, x.epoch, text_of(reason));
              finish();
            });
}

void node_supervisor_state::confirm_revoked(const shard_order& x) {
  if (!coordinator)
    return;
  shard_loss loss;
  loss.node = options.node.name;
  loss.shard = x.shard;
  loss.epoch = x.epoch;
  self->send(coordinator, revoked_atom_v, loss);
}

/// Without tickers: 100,000 of them twice a second would drown the master.
node_report node_supervisor_state::beat_report() const {
  node_report result;
  result.name = options.node.name;
  for (auto& [id, shard] : shards) {
    auto x = shard.report;
    x.tickers.clear();
    result.shards.push_back(std::move(x));
  }
  return result;
}

node_report node_supervisor_state::report() const {
  node_report result;
  result.name = options.node.name;
  for (auto& [id, shard] : shards) {
    result.shards.push_back(shard.report);
    for (auto& ticker : result.shards.back().tickers) {
      auto state = shard.fetcher_states.find(ticker.symbol);
      ticker.paused = paused.count(ticker.symbol) > 0;
      if (ticker.paused)
        ticker.fetcher = "paused by an operator";
      else if (state != shard.fetcher_states.end())
        ticker.fetcher = state->second;
    }
  }
  return result;
}

void node_supervisor_state::beat() {
  for (auto& [id, shard] : shards)
    refresh(shard);
  send_beat();
  leave_step();
  self->delayed_send(self, options.beat_interval, beat_atom_v);
}

/// One beat at a time: a master that hangs must not find a heap of them.
void node_supervisor_state::send_beat() {
  if (!coordinator)
    return;
  auto now = std::chrono::steady_clock::now();
  if (now - answered > options.master_dead_after) {
    unlink("no answer to beats");
    return;
  }
  if (beat_open)
    return;
  beat_open = true;
  auto asked = coordinator;
  self->request(asked, options.master_dead_after, beat_atom_v, beat_report())
      .then(
          [this, asked](const beat_answer& x) {
            if (asked != coordinator)
              return;
            beat_open = false;
            answered = std::chrono::steady_clock::now();
            if (x.term < gate.term())
              unlink("its term " + std::to_string(x.term) + " is old");
            else if (!x.registered)
              unlink("it has declared this node dead");
          },
          [this, asked](caf::error&) {
            if (asked == coordinator)
              beat_open = false; // the time since the last answer decides
          });
}

/// Asks the aggregator how it stands; the answer goes into the next beat. One
/// question at a time: who is busy must not find a heap of them.
void node_supervisor_state::refresh(served_shard& x) {
  auto id = x.order.shard;
  auto epoch = x.order.epoch;
  auto find = [this, id, epoch]() -> served_shard* {
    auto shard = shards.find(id);
    return shard != shards.end() && shard->second.order.epoch == epoch
               ? &shard->second
               : nullptr;
  };
  if (!x.due && !x.asked) {
    x.asked = true;
    self->request(x.aggregator, status_timeout, status_atom_v)
        .then(
            [this, find](shard_report& fresh) {
              auto shard = find();
              if (!shard)
                return;
              shard->asked = false;
              shard->report = std::move(fresh);
              supply(*shard);
            },
            [find](caf::error&) {
              // Busy or gone: the old report stands, a death comes as a down
              // message.
              if (auto shard = find())
                shard->asked = false;
            });
  }
  for (auto& [symbol, fetcher] : x.fetchers) {
    if (!x.fetchers_asked.insert(symbol).second)
      continue;
    self->request(fetcher, status_timeout, status_atom_v)
        .then(
            [find, name = symbol](std::string& text) {
              if (auto shard = find()) {
                shard->fetchers_asked.erase(name);
                shard->fetcher_states[name] = std::move(text);
              }
            },
            [find, name = symbol](caf::error&) {
              if (auto shard = find())
                shard->fetchers_asked.erase(name);
            });
  }
  note_sizes();
}

/// Orderly stop: the master moves our shards; without a master we stop them
/// ourselves.
void node_supervisor_state::leave_step() {
  if (!leaving || !left.pending())
    return;
  if (shards.empty()) {
    send_beat();
    left.deliver(true);
    self->quit();
    return;
  }
  if (coordinator)
    return;
  std::vector<shard_order> orders; // for revoke may change the map
  for (auto& [id, shard] : shards)
    if (!shard.revoking) {
      orders.push_back(shard.order);
      orders.back().term = gate.term();
    }
  for (auto& x : orders)
    revoke(x);
}

node_actor::behavior_type
node_supervisor(observed_pointer<node_actor, node_supervisor_state> self,
                postgres_writer_actor writer, kafka_bridge_actor bridge,
                node_supervisor_options options) {
  auto& state = self->state;
  state.writer = std::move(writer);
  state.bridge = std::move(bridge);
  state.options = std::move(options);
  self->set_down_handler([&state](caf::down_msg& x) {
    if (state.coordinator && state.coordinator.address() == x.source) {
      state.unlink("connection closed");
    } else if (!state.fetcher_down(x) && !state.neighbour_down(x)) {
      state.aggregator_down(x);
    }
  });
  for (auto& x : state.options.neighbours) {
    self->monitor(caf::actor_cast<caf::actor>(x.handle));
    note_supervisor(x.handle, self->counters()->serial());
  }
  self->send(self, link_atom_v);
  return {
      [&state](assign_atom, const shard_order& x) { state.assign(x); },
      [&state](revoke_atom, const shard_order& x) { state.revoke(x); },
      [&state](link_atom) { state.link(); },
      [&state](beat_atom) { state.beat(); },
      [&state](drain_atom, bool on) {
        // Told again at each registration, with whatever master.
        if (state.options.node.drained != on)
          spdlog::info("event=node_{} node={}", on ? "drained" : "undrained",
                       state.options.node.name);
        state.options.node.drained = on;
      },
      [&state](restart_atom) { state.restart_due(); },
      [&state](pause_atom, const std::vector<std::string>& symbols) {
        state.pause(symbols);
      },
      [&state](introspect_atom) -> caf::result<introspector_actor> {
        if (!state.options.introspector)
          return failure(errc::unavailable, "no introspection is running here");
        return state.options.introspector;
      },
      [&state](status_atom) {
        auto result = state.report();
        state.report_queues(result);
        return result;
      },
      [self](leave_atom) -> caf::result<bool> {
        auto& state = self->state;
        state.leaving = true;
        state.left = self->make_response_promise<bool>();
        auto promise = state.left;
        if (state.coordinator)
          self->request(state.coordinator, leave_timeout, leave_atom_v,
                        state.options.node.name)
              .then([&state](bool) { state.leave_step(); },
                    [&state](caf::error&) {
                      state.coordinator = nullptr; // does not answer: go alone
                      state.leave_step();
                    });
        else
          state.leave_step();
        return promise;
      },
  };
}

} // namespace tickerflow
