#include "actors/shard_table.hpp"

#include <algorithm>

namespace tickerflow {

std::uint64_t rendezvous_score(std::string_view node, std::int32_t shard) {
  // FNV-1a over the name, then splitmix64 over both: well mixed, and the same
  // on every machine and compiler.
  std::uint64_t x = 0xcbf29ce484222325;
  for (unsigned char c : node)
    x = (x ^ c) * 0x100000001b3;
  x += 0x9e3779b97f4a7c15 * (static_cast<std::uint64_t>(shard) + 1);
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

shard_table::shard_table(std::vector<std::int64_t> epochs, limits x)
    : shards_(epochs.size()), limits_(x) {
  for (size_t i = 0; i < epochs.size(); ++i)
    shards_[i].epoch = epochs[i];
}

void shard_table::release(shard_entry& x, time now) {
  x.phase = state::free;
  x.owner.clear();
  x.since = now;
}

void shard_table::join(const node_spec& node,
                       const std::vector<shard_report>& held, time now) {
  auto& entry = nodes_[node.name];
  if (!entry.alive)
    last_join_ = now;
  entry.spec = node;
  entry.last_beat = now;
  entry.alive = true;
  entry.leaving = false;
  auto holds = [&](std::int32_t shard, std::int64_t epoch) {
    return std::any_of(held.begin(), held.end(), [&](auto& x) {
      return x.shard == shard && x.epoch == epoch;
    });
  };
  // A restarted process of the same name has forgotten what it served.
  for (size_t i = 0; i < shards_.size(); ++i)
    if (shards_[i].owner == node.name
        && !holds(static_cast<std::int32_t>(i), shards_[i].epoch))
      release(shards_[i], now);
  // A master that restarted learns from its workers what they serve.
  for (auto& x : held) {
    if (x.shard < 0 || static_cast<size_t>(x.shard) >= shards_.size())
      continue;
    auto& shard = shards_[static_cast<size_t>(x.shard)];
    if (shard.phase != state::free || x.epoch < shard.epoch)
      continue;
    shard.phase = state::assigned;
    shard.owner = node.name;
    shard.epoch = x.epoch;
    shard.since = now;
  }
}

void shard_table::beat(const node_report& report, time now) {
  auto node = nodes_.find(report.name);
  if (node == nodes_.end() || !node->second.alive)
    return; // declared dead: it has to register again
  node->second.last_beat = now;
  for (size_t i = 0; i < shards_.size(); ++i) {
    auto& shard = shards_[i];
    if (shard.phase != state::assigned || shard.owner != report.name)
      continue;
    auto known =
        std::any_of(report.shards.begin(), report.shards.end(), [&](auto& x) {
          return static_cast<size_t>(x.shard) == i && x.epoch == shard.epoch;
        });
    if (known)
      shard.failures = 0;
    else if (now - shard.since > limits_.report_within)
      release(shard, now);
  }
}

void shard_table::dead(const std::string& node, time now) {
  auto entry = nodes_.find(node);
  if (entry == nodes_.end())
    return;
  entry->second.alive = false;
  for (auto& shard : shards_)
    if (shard.owner == node)
      release(shard, now);
  if (entry->second.leaving)
    nodes_.erase(entry);
}

void shard_table::leave(const std::string& node) {
  auto entry = nodes_.find(node);
  if (entry != nodes_.end())
    entry->second.leaving = true;
}

bool shard_table::idle(const std::string& node) const {
  return std::none_of(shards_.begin(), shards_.end(),
                      [&](auto& x) { return x.owner == node; });
}

void shard_table::revoked(const shard_loss& x, time now) {
  if (x.shard < 0 || static_cast<size_t>(x.shard) >= shards_.size())
    return;
  auto& shard = shards_[static_cast<size_t>(x.shard)];
  if (shard.owner == x.node && shard.epoch == x.epoch)
    release(shard, now);
}

void shard_table::lost(const shard_loss& x, time now) {
  if (x.shard < 0 || static_cast<size_t>(x.shard) >= shards_.size())
    return;
  auto& shard = shards_[static_cast<size_t>(x.shard)];
  // The database has seen a newer epoch than we have: go above it.
  shard.epoch = std::max(shard.epoch, x.seen_epoch);
  if (shard.owner != x.node || x.epoch > shard.epoch)
    return;
  release(shard, now);
  if (!x.fenced) {
    shard.failures = std::min(shard.failures + 1, 6);
    shard.not_before =
        now + std::chrono::milliseconds{250} * (1 << shard.failures);
  }
}

/// @returns the wished owner of each shard, empty if there is no node
std::vector<std::string> shard_table::targets() const {
  std::vector<const node_entry*> able;
  std::int64_t weights = 0;
  for (auto& [name, node] : nodes_)
    if (node.alive && !node.leaving && node.spec.weight > 0) {
      able.push_back(&node);
      weights += node.spec.weight;
    }
  std::vector<std::string> result(shards_.size());
  if (able.empty())
    return result;
  struct bid {
    std::uint64_t score;
    size_t shard;
    size_t node;
  };
  std::vector<bid> bids;
  bids.reserve(shards_.size() * able.size());
  for (size_t shard = 0; shard < shards_.size(); ++shard)
    for (size_t node = 0; node < able.size(); ++node)
      bids.push_back({rendezvous_score(able[node]->spec.name,
                                       static_cast<std::int32_t>(shard)),
                      shard, node});
  std::sort(bids.begin(), bids.end(), [](auto& x, auto& y) {
    return std::tie(y.score, x.shard, x.node)
           < std::tie(x.score, y.shard, y.node);
  });
  // The best bids first, but nobody gets more than its share, rounded up.
  std::vector<std::int64_t> room;
  for (auto node : able)
    room.push_back(
        (static_cast<std::int64_t>(shards_.size()) * node->spec.weight + weights
         - 1)
        / weights);
  for (auto& x : bids)
    if (result[x.shard].empty() && room[x.node] > 0) {
      result[x.shard] = able[x.node]->spec.name;
      --room[x.node];
    }
  return result;
}

std::vector<shard_table::order> shard_table::decide(time now) {
  for (auto& [name, node] : nodes_)
    if (node.alive && now - node.last_beat > limits_.dead_after) {
      dead(name, now);
      break; // dead() may erase: the next call sees the others
    }
  std::vector<order> result;
  if (now - last_join_ < limits_.settle)
    return result;
  auto wished = targets();
  for (size_t i = 0; i < shards_.size(); ++i) {
    auto& shard = shards_[i];
    auto id = static_cast<std::int32_t>(i);
    if (shard.phase == state::revoking
        && now - shard.since > limits_.revoke_within)
      release(shard, now); // the epoch fences it from now on
    if (shard.phase == state::assigned && !wished[i].empty()
        && wished[i] != shard.owner) {
      shard.phase = state::revoking;
      shard.since = now;
      result.push_back({order_kind::revoke, shard.owner, id, shard.epoch});
    }
    if (shard.phase == state::free && !wished[i].empty()
        && now >= shard.not_before) {
      shard.phase = state::assigned;
      shard.owner = wished[i];
      ++shard.epoch;
      shard.since = now;
      result.push_back({order_kind::assign, shard.owner, id, shard.epoch});
    }
  }
  // A node that leaves when nobody can take over is told to stop as well.
  for (size_t i = 0; i < shards_.size(); ++i) {
    auto& shard = shards_[i];
    if (shard.phase != state::assigned || !wished[i].empty())
      continue;
    auto node = nodes_.find(shard.owner);
    if (node == nodes_.end() || !node->second.leaving)
      continue;
    shard.phase = state::revoking;
    shard.since = now;
    result.push_back({order_kind::revoke, shard.owner,
                      static_cast<std::int32_t>(i), shard.epoch});
  }
  return result;
}

std::vector<node_status> shard_table::nodes(time now) const {
  std::vector<node_status> result;
  for (auto& [name, node] : nodes_) {
    node_status x;
    x.spec = node.spec;
    x.alive = node.alive;
    x.last_beat_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                         now - node.last_beat)
                         .count();
    x.suspect = node.alive && now - node.last_beat > limits_.suspect_after;
    x.shards = static_cast<std::int32_t>(
        std::count_if(shards_.begin(), shards_.end(),
                      [&, &n = name](auto& s) { return s.owner == n; }));
    result.push_back(std::move(x));
  }
  return result;
}

const std::string& shard_table::owner(std::int32_t shard) const {
  return shards_[static_cast<size_t>(shard)].owner;
}

std::int64_t shard_table::epoch(std::int32_t shard) const {
  return shards_[static_cast<size_t>(shard)].epoch;
}

} // namespace tickerflow
