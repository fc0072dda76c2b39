#include "actors/shard_table.hpp"

#include <algorithm>

namespace tickerflow {

namespace {

std::string seconds_of(std::chrono::milliseconds x) {
  auto tenths = (x.count() + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

} // namespace

std::vector<shard_table::order> shard_table::decide(time now) {
  std::vector<order> result;
  result.swap(repeated_);
  forgive_stall(now);
  if (!changed_ && !due_ && now < alarm_)
    return result;
  check_nodes(now);
  check_shards(now);
  // While the first nodes join, a plan for each of them would be for nothing.
  if (may_assign(now)) {
    if (changed_ || moving_ != may_move(now))
      choose_targets(now);
    auto all_there = true;
    for (size_t i = 0; i < shards_.size(); ++i)
      all_there &= order_shard(static_cast<std::int32_t>(i), now, result);
    changed_ = due_ = false; // what was just ordered is as the targets have it
    if (all_there && moving_)
      settle_down();
  }
  set_alarm(now);
  return result;
}

/// Every shard is where it should be.
void shard_table::settle_down() {
  auto waits = false;
  for (auto& [name, node] : nodes_) {
    node.fresh = false;
    waits |= node.suspect; // its shards may have to wait for it
  }
  rebalancing_ = rebalancing_ && waits;
}

void shard_table::forgive_stall(time now) {
  auto stall = now - decided_;
  auto known = decided_ != time{};
  decided_ = now;
  if (!known || stall <= limits_.stall_after)
    return;
  changed_ = true;
  kept_until_ += stall;
  for (auto& [name, node] : nodes_)
    if (node.alive)
      node.last_beat = std::min(node.last_beat + stall, now);
  for (auto& x : shards_)
    if (x.phase != state::free)
      x.since = std::min(x.since + stall, now);
}

void shard_table::check_nodes(time now) {
  std::vector<std::string> silent;
  for (auto i = nodes_.begin(); i != nodes_.end();) {
    auto& node = i->second;
    auto silence = now - node.last_beat;
    if (!node.alive) {
      auto forget = silence > limits_.forget_after && !node.spec.drained;
      i = forget ? nodes_.erase(i) : std::next(i);
      continue;
    }
    auto suspect = silence > limits_.suspect_after;
    if (silence > limits_.dead_after) {
      silent.push_back(i->first);
    } else if (suspect != node.suspect) {
      node.suspect = suspect;
      changed_ = true;
    }
    ++i;
  }
  for (auto& x : silent)
    bury(x, x + " was silent for " + seconds_of(limits_.dead_after), now);
}

void shard_table::check_shards(time now) {
  if (now >= kept_until_)
    free_kept({}, " did not come back", now);
  for (size_t i = 0; i < shards_.size(); ++i) {
    auto& x = shards_[i];
    if (x.phase == state::revoking && now - x.since > limits_.revoke_within)
      release(static_cast<std::int32_t>(i),
              x.owner + " did not let go within "
                  + seconds_of(limits_.revoke_within),
              now);
  }
}

/// Whether shards that are served may move for the sake of balance.
bool shard_table::may_move(time now) const {
  return (now - last_join_ >= limits_.settle
          || now - first_join_ >= 4 * limits_.settle)
         && std::all_of(shards_.begin(), shards_.end(),
                        [](auto& x) { return x.kept_for.empty(); });
}

/// Whether free shards may be given out.
bool shard_table::may_assign(time now) const {
  return now - alone_since_ >= limits_.settle;
}

shard_table::outlook
shard_table::look_ahead(const std::map<std::string, node_entry>& nodes,
                        bool may_move, bool anew) const {
  outlook result;
  result.held.assign(shards_.size(), nobody);
  for (size_t i = 0; i < shards_.size(); ++i)
    if (!shards_[i].kept_for.empty())
      result.held[i] = set_aside;
  for (auto& [name, node] : nodes) {
    if (!node.able())
      continue;
    auto index = static_cast<std::int32_t>(result.nodes.size());
    result.nodes.push_back({name, node.spec.weight, !node.suspect});
    for (auto shard : node.shards)
      if (shards_[static_cast<size_t>(shard)].phase == state::assigned)
        result.held[static_cast<size_t>(shard)] = index;
  }
  result.targets = place(result.nodes, result.held, may_move);
  if (!anew || !may_move || result.nodes.empty())
    return result;
  auto wished = place_anew(result.nodes, result.held);
  for (size_t i = 0; i < shards_.size(); ++i) {
    auto to = wished[i];
    auto from = result.held[i];
    if (to >= 0 && (to == from || result.nodes[static_cast<size_t>(to)].takes))
      result.targets[i] = to;
    else if (from >= 0)
      result.targets[i] = from; // until its node answers again
  }
  return result;
}

void shard_table::choose_targets(time now) {
  moving_ = may_move(now);
  auto ahead = look_ahead(nodes_, moving_, rebalancing_);
  for (size_t i = 0; i < shards_.size(); ++i) {
    auto to = ahead.targets[i];
    targets_[i] =
        to >= 0 ? ahead.nodes[static_cast<size_t>(to)].name : std::string{};
  }
}

/// @returns whether the shard is served and stays where it is
bool shard_table::order_shard(std::int32_t shard, time now,
                              std::vector<order>& result) {
  auto& x = shards_[static_cast<size_t>(shard)];
  auto& target = targets_[static_cast<size_t>(shard)];
  if (x.phase == state::assigned) {
    auto leaving = nodes_.find(x.owner)->second.leaving;
    if ((target.empty() || target == x.owner) && !leaving)
      return true;
    auto to = nodes_.find(target);
    x.reason = why(x, to == nodes_.end() ? nullptr : &to->second, nodes_,
                   rebalancing_);
    x.phase = state::revoking;
    x.since = x.told = now;
    result.push_back({order_kind::revoke, x.owner, shard, x.epoch});
    return false;
  }
  if (x.phase == state::revoking || !x.kept_for.empty() || target.empty()
      || now < x.not_before)
    return false;
  if (x.reason.empty())
    x.reason = "not served before";
  hold(shard, nodes_.find(target)->second, x.highest + 1, now);
  result.push_back({order_kind::assign, x.owner, shard, x.epoch});
  return true;
}

/// Why a shard that is served goes to another node.
std::string shard_table::why(const shard_entry& x, const node_entry* to,
                             const std::map<std::string, node_entry>& nodes,
                             bool anew) const {
  auto from = nodes.find(x.owner);
  if (from != nodes.end() && from->second.leaving)
    return x.owner + " leaves";
  if (from != nodes.end() && from->second.spec.drained)
    return x.owner + " is drained";
  if (from != nodes.end() && from->second.spec.weight <= 0)
    return x.owner + " has no weight";
  if (to && to->fresh)
    return to->spec.name + " joined";
  return anew ? "rebalance" : "fair share";
}

/// Why a shard has no owner.
std::string shard_table::waits_for(const shard_entry& x, time now) const {
  if (!x.kept_for.empty())
    return "kept for " + x.kept_for + ", which served it last";
  auto able = std::any_of(nodes_.begin(), nodes_.end(),
                          [](auto& y) { return y.second.able(); });
  auto result = !able                ? "no node can take it"
                : !may_assign(now)   ? "nodes are joining"
                : now < x.not_before ? "waits after a failure"
                                     : "about to be given out";
  return x.reason.empty() ? result : result + (": " + x.reason);
}

void shard_table::rebalance(time) {
  rebalancing_ = true;
  changed_ = true;
}

std::vector<planned_move> shard_table::plan(const move_question& x,
                                            time) const {
  auto nodes = nodes_;
  for (auto& name : x.without) {
    auto known = nodes.find(name);
    if (known != nodes.end())
      known->second.leaving = true;
  }
  for (auto& spec : x.with) {
    auto [known, added] = nodes.try_emplace(spec.name);
    auto& node = known->second;
    node.spec = spec;
    node.spec.drained = false;
    node.fresh = added || !node.alive;
    node.alive = true;
    node.suspect = node.leaving = false;
  }
  auto assumed = !x.without.empty() || !x.with.empty();
  auto anew = !assumed && (!x.carry_out || rebalancing_);
  auto ahead = look_ahead(nodes, true, anew);
  std::vector<planned_move> result;
  for (size_t i = 0; i < shards_.size(); ++i) {
    auto& shard = shards_[i];
    if (ahead.held[i] == set_aside)
      continue;
    planned_move move;
    move.shard = static_cast<std::int32_t>(i);
    move.from = shard.owner;
    auto to = ahead.targets[i];
    if (to >= 0)
      move.to = ahead.nodes[static_cast<size_t>(to)].name;
    auto from = nodes.find(shard.owner);
    auto stays = from != nodes.end() && !from->second.leaving;
    if (stays && (move.to.empty() || move.to == move.from))
      continue;
    auto target = nodes.find(move.to);
    move.reason =
        shard.phase == state::assigned
            ? why(shard, target == nodes.end() ? nullptr : &target->second,
                  nodes, anew)
        : shard.reason.empty() ? "not served before"
                               : shard.reason;
    result.push_back(std::move(move));
  }
  return result;
}

/// Until when nothing changes by time alone.
void shard_table::set_alarm(time now) {
  alarm_ = time::max();
  auto wake = [&](time x) {
    if (x > now)
      alarm_ = std::min(alarm_, x);
  };
  auto wake_after = [&](time x) { wake(x + std::chrono::nanoseconds{1}); };
  for (auto& [name, node] : nodes_)
    if (node.alive)
      wake_after(node.last_beat
                 + (node.suspect ? limits_.dead_after : limits_.suspect_after));
  wake(last_join_ + limits_.settle);
  wake(first_join_ + 4 * limits_.settle);
  wake(alone_since_ + limits_.settle);
  for (auto& x : shards_) {
    if (!x.kept_for.empty())
      wake(kept_until_);
    if (x.phase == state::revoking)
      wake_after(x.since + limits_.revoke_within);
    if (x.phase == state::free)
      wake(x.not_before);
  }
}

} // namespace tickerflow
