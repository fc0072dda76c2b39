#include "actors/shard_table.hpp"

#include <algorithm>

namespace tickerflow {

namespace {

bool same_process(const node_spec& x, const node_spec& y) {
  return x.host == y.host && x.pid == y.pid && x.started_ms == y.started_ms;
}

std::int64_t ms_of(shard_table::clock::duration x) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(x).count();
}

/// What a shard waits that failed so often in a row.
std::chrono::milliseconds wait_after(int failures) {
  return std::chrono::milliseconds{250} * (1 << failures);
}

} // namespace

shard_table::shard_table(const std::vector<stored_shard>& stored, limits x,
                         time now)
    : shards_(stored.size()), limits_(x), targets_(stored.size()),
      kept_until_(now + x.dead_after) {
  for (size_t i = 0; i < stored.size(); ++i) {
    shards_[i].epoch = shards_[i].highest = stored[i].epoch;
    shards_[i].kept_for = stored[i].owner;
    shards_[i].since = now;
  }
}

shard_table::shard_entry* shard_table::find(std::int32_t shard) {
  return shard >= 0 && static_cast<size_t>(shard) < shards_.size()
             ? &shards_[static_cast<size_t>(shard)]
             : nullptr;
}

void shard_table::unlink(const shard_entry& x, std::int32_t shard) {
  auto owner = nodes_.find(x.owner);
  if (owner == nodes_.end())
    return;
  auto& list = owner->second.shards;
  list.erase(std::remove(list.begin(), list.end(), shard), list.end());
}

void shard_table::hold(std::int32_t shard, node_entry& node, std::int64_t epoch,
                       time now) {
  auto& x = shards_[static_cast<size_t>(shard)];
  unlink(x, shard);
  x.phase = state::assigned;
  x.owner = node.spec.name;
  x.epoch = epoch;
  x.highest = std::max(x.highest, epoch);
  x.since = now;
  x.missed = 0;
  x.reported = false;
  x.kept_for.clear();
  node.shards.push_back(shard);
  changed_ = true;
}

/// @param reason empty: what it was revoked for still is the reason
void shard_table::release(std::int32_t shard, std::string reason, time now) {
  auto& x = shards_[static_cast<size_t>(shard)];
  unlink(x, shard);
  // One that was revoked goes where it was to go: what is left of a plan is
  // the plan for what is left. Anything else has to be planned.
  if (x.phase == state::revoking)
    due_ = true;
  else
    changed_ = true;
  x.phase = state::free;
  x.owner.clear();
  x.since = now;
  x.missed = 0;
  x.reported = false;
  if (!reason.empty())
    x.reason = std::move(reason);
}

shard_table::admission shard_table::join(const node_spec& spec,
                                         const std::vector<shard_report>& held,
                                         time now) {
  auto known = nodes_.find(spec.name);
  auto same = known != nodes_.end() && same_process(known->second.spec, spec);
  if (known != nodes_.end() && known->second.alive && !same
      && now - known->second.last_beat <= limits_.suspect_after)
    return admission::name_in_use;
  auto& node = nodes_[spec.name];
  if (!node.alive || !same) {
    auto alone = std::none_of(nodes_.begin(), nodes_.end(),
                              [](auto& x) { return x.second.alive; });
    if (alone)
      alone_since_ = now;
    if (now - last_join_ >= limits_.settle)
      first_join_ = now;
    last_join_ = now;
    node.leaving = false;
    node.fresh = true;
    node.stale.clear();
  }
  auto drained = known != nodes_.end() ? node.spec.drained : spec.drained;
  node.spec = spec;
  node.spec.drained = drained;
  node.last_beat = now;
  node.alive = true;
  node.suspect = false;
  changed_ = true;
  ++beats_;
  for (auto& x : held)
    consider(node, x, true, now);
  // A restarted process has forgotten what it served, and orders on a lost
  // connection did not arrive.
  for (auto shard : std::vector<std::int32_t>{node.shards})
    if (shards_[static_cast<size_t>(shard)].beat != beats_)
      release(shard, spec.name + (same ? " returned without it" : " restarted"),
              now);
  free_kept(spec.name, spec.name + " returned without it", now);
  return admission::registered;
}

/// @param node empty: whoever it is kept for
void shard_table::free_kept(const std::string& node, const std::string& reason,
                            time now) {
  for (auto& x : shards_)
    if (!x.kept_for.empty() && (node.empty() || x.kept_for == node)) {
      x.reason = node.empty() ? x.kept_for + reason : reason;
      x.kept_for.clear();
      x.since = now;
      changed_ = true;
    }
}

bool shard_table::beat(const node_report& report, time now,
                       std::int64_t started_ms) {
  auto known = nodes_.find(report.name);
  if (known == nodes_.end() || !known->second.alive
      || (started_ms != 0 && started_ms != known->second.spec.started_ms))
    return false; // declared dead, or its name is another's by now
  auto& node = known->second;
  node.last_beat = now;
  if (node.suspect) {
    node.suspect = false;
    changed_ = true;
  }
  ++beats_;
  for (auto& x : report.shards)
    consider(node, x, false, now);
  notice_missing(node, now);
  return true;
}

/// A node says that it holds a shard: as it should, or not.
void shard_table::consider(node_entry& node, const shard_report& report,
                           bool joining, time now) {
  auto found = find(report.shard);
  if (!found)
    return;
  auto& x = *found;
  auto& name = node.spec.name;
  if (x.owner == name && x.epoch == report.epoch) {
    x.beat = beats_;
    x.reported = true;
    x.missed = 0;
    if (x.failures > 0 && x.phase == state::assigned
        && now - x.since > wait_after(x.failures + 1))
      x.failures = 0;
    if (x.phase == state::revoking
        && (joining
            || (report.state != "revoking"
                && now - x.told >= limits_.repeat_after))) {
      x.told = now;
      repeated_.push_back({order_kind::revoke, name, report.shard, x.epoch});
    }
    return;
  }
  // An order of the master before, of which the database may know: as there,
  // the higher epoch wins. One that the database refuses comes back as lost.
  auto newer = report.epoch > x.epoch && report.epoch >= x.highest;
  // After a change of masters, or of a node that was thought dead while nobody
  // could take over.
  auto resumed = joining && x.phase == state::free && report.epoch == x.epoch
                 && report.epoch >= x.highest
                 && (x.kept_for.empty() || x.kept_for == name);
  if (newer || resumed) {
    auto owner = nodes_.find(x.owner);
    if (owner != nodes_.end() && x.owner != name)
      tell_stale(owner->second, report.shard, x.epoch, now);
    hold(report.shard, node, report.epoch, now);
    x.beat = beats_;
    x.reported = true;
    x.reason = name + " served it already";
    return;
  }
  // The order that replaces it may still be on its way.
  if (x.owner == name && !x.reported && now - x.since < limits_.repeat_after)
    return;
  tell_stale(node, report.shard, report.epoch, now);
}

/// A zombie that has nothing to write would never learn that it was fenced.
void shard_table::tell_stale(node_entry& node, std::int32_t shard,
                             std::int64_t epoch, time now) {
  auto& x = node.stale[shard];
  x.beat = beats_;
  if (x.epoch == epoch && now - x.told < limits_.repeat_after)
    return;
  x.epoch = epoch;
  x.told = now;
  repeated_.push_back({order_kind::revoke, node.spec.name, shard, epoch});
}

/// What the beat did not report although it should. One beat may have been
/// written before the order came, so it takes two.
void shard_table::notice_missing(node_entry& node, time now) {
  std::vector<std::int32_t> gone;
  for (auto shard : node.shards) {
    auto& x = shards_[static_cast<size_t>(shard)];
    if (x.beat == beats_)
      continue;
    if (x.reported) {
      if (++x.missed >= 2)
        gone.push_back(shard);
    } else if (x.phase == state::assigned) {
      if (now - x.since > limits_.report_within)
        gone.push_back(shard);
    } else if (now - x.told >= limits_.repeat_after) {
      x.told = now;
      repeated_.push_back({order_kind::revoke, node.spec.name, shard, x.epoch});
    }
  }
  for (auto shard : gone) {
    auto& x = shards_[static_cast<size_t>(shard)];
    release(shard,
            x.phase == state::revoking ? ""
            : x.reported               ? node.spec.name + " no longer served it"
                         : node.spec.name + " did not get the order",
            now);
  }
  for (auto i = node.stale.begin(); i != node.stale.end();)
    i = i->second.beat == beats_ ? std::next(i) : node.stale.erase(i);
}

void shard_table::dead(const std::string& node, time now) {
  bury(node, node + " is gone", now);
}

void shard_table::bury(const std::string& name, const std::string& reason,
                       time now) {
  auto known = nodes_.find(name);
  if (known == nodes_.end() || !known->second.alive)
    return;
  auto& node = known->second;
  node.alive = false;
  node.suspect = false;
  node.stale.clear();
  changed_ = true;
  for (auto shard : std::vector<std::int32_t>{node.shards})
    release(shard, reason, now);
  repeated_.erase(std::remove_if(repeated_.begin(), repeated_.end(),
                                 [&](auto& x) { return x.node == name; }),
                  repeated_.end());
  if (node.leaving)
    nodes_.erase(known);
}

void shard_table::leave(const std::string& node, time) {
  auto known = nodes_.find(node);
  if (known == nodes_.end() || known->second.leaving)
    return;
  known->second.leaving = true;
  changed_ = true;
}

bool shard_table::drain(const std::string& node, bool on, time) {
  auto known = nodes_.find(node);
  if (known == nodes_.end())
    return false;
  changed_ |= known->second.spec.drained != on;
  known->second.spec.drained = on;
  return true;
}

bool shard_table::idle(const std::string& node) const {
  auto known = nodes_.find(node);
  return known == nodes_.end() || known->second.shards.empty();
}

void shard_table::revoked(const shard_loss& x, time now) {
  auto shard = find(x.shard);
  if (shard && shard->phase != state::free && shard->owner == x.node
      && shard->epoch == x.epoch)
    release(x.shard,
            shard->phase == state::revoking ? "" : x.node + " let it go", now);
}

void shard_table::lost(const shard_loss& x, time now) {
  auto shard = find(x.shard);
  if (!shard)
    return;
  // The database has seen a newer epoch than we have: go above it.
  shard->highest = std::max(shard->highest, x.seen_epoch);
  if (shard->phase == state::free || shard->owner != x.node
      || shard->epoch != x.epoch)
    return;
  release(x.shard,
          x.node
              + (x.fenced ? std::string{" was fenced"}
                          : " stopped serving it: " + x.reason),
          now);
  // Fenced by no newer epoch is fenced by a newer master: do not hurry.
  if (x.fenced && x.seen_epoch > x.epoch)
    return;
  shard->failures = std::min(shard->failures + 1, 6);
  shard->not_before = now + wait_after(shard->failures);
}

std::vector<node_status> shard_table::nodes(time now) const {
  std::vector<node_status> result;
  result.reserve(nodes_.size());
  for (auto& [name, node] : nodes_) {
    node_status x;
    x.spec = node.spec;
    x.alive = node.alive;
    x.leaving = node.leaving;
    x.last_beat_ms = ms_of(now - node.last_beat);
    x.suspect = node.alive && now - node.last_beat > limits_.suspect_after;
    x.shards = static_cast<std::int32_t>(node.shards.size());
    result.push_back(std::move(x));
  }
  return result;
}

bool shard_table::knows(const std::string& node) const {
  return nodes_.count(node) > 0;
}

size_t shard_table::size() const { return shards_.size(); }

const std::string& shard_table::owner(std::int32_t shard) const {
  return shards_[static_cast<size_t>(shard)].owner;
}

std::int64_t shard_table::epoch(std::int32_t shard) const {
  return shards_[static_cast<size_t>(shard)].epoch;
}

shard_status shard_table::view(std::int32_t shard, time now) const {
  auto& x = shards_[static_cast<size_t>(shard)];
  shard_status result;
  result.report.shard = shard;
  result.report.epoch = x.epoch;
  result.owner = x.owner;
  result.phase = x.phase == state::free       ? "free"
                 : x.phase == state::assigned ? "assigned"
                                              : "revoking";
  result.phase_ms = ms_of(now - x.since);
  result.reason = x.phase == state::free ? waits_for(x, now) : x.reason;
  return result;
}

} // namespace tickerflow
