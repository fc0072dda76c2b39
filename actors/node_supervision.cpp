// The node supervisor as the supervisor of its node's actors: who failed is
// started again, with waits and a limit.

#include "actors/node_supervisor.hpp"

#include "actors/node_facts.hpp"
#include "io/postgres/shard_store.hpp"

#include <spdlog/spdlog.h>

namespace tickerflow {

namespace {

/// Starting again cannot help.
bool is_final(const caf::error& x) {
  return x == errc::bad_setting || x == errc::newer_schema;
}

} // namespace

node_supervisor_state::~node_supervisor_state() {
  auto end = [](const caf::strong_actor_ptr& x) {
    if (x)
      caf::anon_send_exit(caf::actor_cast<caf::actor>(x),
                          caf::exit_reason::user_shutdown);
  };
  for (auto& [id, shard] : shards) {
    end(caf::actor_cast<caf::strong_actor_ptr>(shard.aggregator));
    for (auto& [symbol, fetcher] : shard.fetchers)
      end(caf::actor_cast<caf::strong_actor_ptr>(fetcher));
  }
  for (auto& x : options.neighbours)
    end(x.handle);
}

void node_supervisor_state::start_aggregator(served_shard& x, isolation how) {
  auto mine = options.aggregator;
  mine.shard = x.order.shard;
  mine.epoch = x.order.epoch;
  mine.term = x.order.term;
  mine.node = options.node.name;
  mine.tickers = x.order.tickers;
  mine.isolate = how;
  x.due = std::nullopt;
  x.asked = false;
  x.report.shard = x.order.shard;
  x.report.epoch = x.order.epoch;
  x.report.state = "opening";
  x.aggregator = self->spawn<caf::monitored>(aggregator, writer, bridge, mine);
  note_sizes();
}

void node_supervisor_state::aggregator_down(const caf::down_msg& x) {
  for (auto& [id, shard] : shards) {
    if (shard.aggregator.address() != x.source || shard.revoking)
      continue;
    if (x.reason == errc::fenced)
      lose_shard(id, x.reason);
    else
      aggregator_failed(shard, x.reason);
    return;
  }
}

/// Another owns the shard by now.
void node_supervisor_state::lose_shard(std::int32_t id,
                                       const caf::error& reason) {
  auto& shard = shards[id];
  stop_fetchers(shard);
  shard_loss loss;
  loss.node = options.node.name;
  loss.shard = id;
  loss.epoch = shard.order.epoch;
  loss.fenced = true;
  ++node_facts::instance().fenced;
  loss.seen_epoch = fencing_epoch(reason);
  loss.reason = text_of(reason);
  spdlog::warn("event=shard_dropped shard={} epoch={} fenced={} reason=\"{}\"",
               id, loss.epoch, loss.fenced, loss.reason);
  if (coordinator)
    self->send(coordinator, lost_atom_v, loss);
  gate.dropped(id, loss.epoch);
  shards.erase(id);
}

/// The shard stays ours: its next aggregator claims the same epoch again, and
/// starts from what is stored. Fetchers go on.
void node_supervisor_state::aggregator_failed(served_shard& x,
                                              const caf::error& reason) {
  x.asked = false;
  x.report.state = "restarting";
  if (leaving || gave_up)
    return; // it is handed over as it is stored
  if (reason == errc::restarted) {
    spdlog::info("event=actor_restarted actor=aggregator shard={} "
                 "reason=\"{}\"",
                 x.order.shard, text_of(reason));
    actor_board::instance().restarted("aggregator");
    start_aggregator(x, {});
    return;
  }
  // Each of these starts comes nearer to passing the record to blame: there is
  // nothing to wait for, and no limit to reach.
  auto how = isolation_of(reason);
  if (how || reason == errc::failed_record) {
    spdlog::info("event=actor_restarted actor=aggregator shard={} "
                 "reason=\"{}\"",
                 x.order.shard, text_of(reason));
    actor_board::instance().restarted("aggregator");
    start_aggregator(x, how.value_or(isolation{}));
    return;
  }
  auto wait = x.restarts.failed(self->clock().now());
  if (!wait || is_final(reason)) {
    give_up("aggregator shard=" + std::to_string(x.order.shard),
            x.restarts.recent(), reason);
    return;
  }
  spdlog::error("event=actor_restarts actor=aggregator shard={} wait_ms={} "
                "reason=\"{}\"",
                x.order.shard, wait->count(), text_of(reason));
  x.due = self->clock().now() + *wait;
  self->delayed_send(self, *wait, restart_atom_v);
}

/// A fetcher that fails is started again, later each time. Without a limit: one
/// ticker is no reason to give up a node.
/// @returns whether it was one
bool node_supervisor_state::fetcher_down(const caf::down_msg& x) {
  for (auto& [id, shard] : shards)
    for (auto& [symbol, fetcher] : shard.fetchers) {
      if (fetcher.address() != x.source)
        continue;
      if (x.reason == errc::restarted) {
        spdlog::info("event=actor_restarts actor=fetcher symbol={} "
                     "reason=\"{}\"",
                     symbol, text_of(x.reason));
        shard.fetcher_states[symbol] = text_of(x.reason);
        shard.fetchers_asked.erase(symbol);
        shard.fetcher_deaths.try_emplace(symbol, 0);
        shard.fetchers.erase(symbol); // the next beat starts another
        return true;
      }
      auto deaths = ++shard.fetcher_deaths[symbol];
      auto wait = std::chrono::seconds{1 << std::min(deaths, 6)};
      shard.not_before[symbol] = std::chrono::steady_clock::now() + wait;
      shard.fetcher_states[symbol] = "failed: " + text_of(x.reason);
      shard.fetchers_asked.erase(symbol);
      spdlog::error("event=fetcher_failed symbol={} deaths={} restart_s={} "
                    "reason=\"{}\"",
                    symbol, deaths, wait.count(), text_of(x.reason));
      shard.fetchers.erase(symbol);
      return true;
    }
  return false;
}

/// @returns whether it was one
bool node_supervisor_state::neighbour_down(const caf::down_msg& x) {
  for (auto& each : options.neighbours) {
    if (caf::actor_cast<caf::actor_addr>(each.handle) != x.source)
      continue;
    if (gave_up || each.due)
      return true;
    if (x.reason == errc::restarted) {
      spdlog::info("event=actor_restarts actor={} reason=\"{}\"", each.kind,
                   text_of(x.reason));
      restart(each);
      return true;
    }
    auto wait = each.restarts.failed(self->clock().now());
    if (!wait || is_final(x.reason)) {
      give_up(each.kind, each.restarts.recent(), x.reason);
      return true;
    }
    spdlog::error("event=actor_restarts actor={} wait_ms={} reason=\"{}\"",
                  each.kind, wait->count(), text_of(x.reason));
    each.due = self->clock().now() + *wait;
    self->delayed_send(self, *wait, restart_atom_v);
    return true;
  }
  return false;
}

void node_supervisor_state::restart(neighbour& x) {
  x.due = std::nullopt;
  auto old = std::exchange(x.handle, x.make());
  self->monitor(caf::actor_cast<caf::actor>(x.handle));
  if (old == caf::actor_cast<caf::strong_actor_ptr>(writer))
    writer = caf::actor_cast<postgres_writer_actor>(x.handle);
  if (old == caf::actor_cast<caf::strong_actor_ptr>(bridge))
    bridge = caf::actor_cast<kafka_bridge_actor>(x.handle);
  spdlog::warn("event=actor_restarted actor={} restarts={}", x.kind,
               x.restarts.recent());
  actor_board::instance().restarted(x.kind);
  for (auto& [id, shard] : shards) {
    self->send(shard.aggregator, restart_atom_v, old, x.handle);
    for (auto& [symbol, fetcher] : shard.fetchers)
      self->send(fetcher, restart_atom_v, old, x.handle);
  }
}

/// Starts those whose wait is over.
void node_supervisor_state::restart_due() {
  if (gave_up)
    return;
  auto now = self->clock().now();
  for (auto& x : options.neighbours)
    if (x.due && *x.due <= now)
      restart(x);
  for (auto& [id, shard] : shards)
    if (shard.due && *shard.due <= now && !shard.revoking && !leaving) {
      spdlog::warn("event=actor_restarted actor=aggregator shard={} "
                   "restarts={}",
                   id, shard.restarts.recent());
      actor_board::instance().restarted("aggregator");
      start_aggregator(shard, {});
    }
}

void node_supervisor_state::give_up(const std::string& actor, size_t restarts,
                                    const caf::error& reason) {
  if (std::exchange(gave_up, true))
    return;
  spdlog::error("event=node_gives_up node={} actor=\"{}\" restarts={} "
                "reason=\"{}\" hint=\"its shards go to other nodes and the "
                "process ends; whoever runs it starts it again\"",
                options.node.name, actor, restarts, text_of(reason));
  if (options.gives_up)
    options.gives_up(reason);
}

} // namespace tickerflow
