#include "test/simulation/cluster.hpp"

#include <algorithm>

namespace tickerflow::simulation {

namespace {

constexpr milliseconds change_within{12'000};

bool able(const node_status& x) {
  return x.alive && !x.leaving && !x.spec.drained && x.spec.weight > 0;
}

} // namespace

std::vector<std::string> cluster::owners() {
  std::vector<std::string> result;
  for (std::int32_t i = 0; i < shards_; ++i)
    result.push_back(leader()->table().owner(i));
  return result;
}

/// The fewest shards that have to change their owner, given the nodes that are
/// able now: those of nodes that are not, and what the others have above
/// their share. One more can stay wherever a share may be rounded up and there
/// are enough of these. (Reckoned with counts alone; that no choice does with
/// less is tested by trying them all in placement_test.)
std::int64_t cluster::fewest_moves(const std::vector<std::string>& before) {
  std::map<std::string, std::int64_t> have;
  for (auto& x : before)
    ++have[x];
  std::int64_t weights = 0;
  auto nodes = leader()->table().nodes(world_.now());
  for (auto& x : nodes)
    weights += able(x) ? x.spec.weight : 0;
  std::int64_t kept = 0;
  std::int64_t rounded_up = shards_;
  std::int64_t could_keep_one = 0;
  for (auto& x : nodes) {
    if (!able(x))
      continue;
    auto share = shards_ * std::int64_t{x.spec.weight} / weights;
    rounded_up -= share;
    kept += std::min(have[x.spec.name], share);
    could_keep_one += have[x.spec.name] > share
                      && shards_ * std::int64_t{x.spec.weight} % weights > 0;
  }
  return shards_ - kept - std::min(rounded_up, could_keep_one);
}

/// With one weight for all, only shards of the node that came or went move.
/// With several, its coming can also take a shard's room from a third one.
/// @param planned as plan() had it, -1 if it was not asked
void cluster::check_moves(const std::vector<std::string>& before,
                          const std::string& node, bool gains,
                          std::int64_t planned, const std::string& what) {
  auto after = owners();
  auto nodes = leader()->table().nodes(world_.now());
  auto even = std::all_of(nodes.begin(), nodes.end(), [&](auto& x) {
    return x.spec.weight == nodes.front().spec.weight;
  });
  std::int64_t moved = 0;
  for (size_t i = 0; i < after.size(); ++i) {
    if (before[i] == after[i])
      continue;
    ++moved;
    if (even && (gains ? after[i] : before[i]) != node)
      throw violation{"shard " + std::to_string(i) + " moved from " + before[i]
                      + " to " + after[i] + " after " + what};
  }
  auto needed = fewest_moves(before);
  if (moved != needed)
    throw violation{std::to_string(moved) + " shards moved after " + what + ", "
                    + std::to_string(needed) + " had to"};
  if (planned >= 0 && moved != planned)
    throw violation{std::to_string(moved) + " shards moved after " + what + ", "
                    + std::to_string(planned) + " were announced"};
  world_.count.moves += moved;
}

void cluster::experiment() {
  auto alive = std::count_if(workers_.begin(), workers_.end(),
                             [&](auto& x) { return world_.up(x.place); });
  switch (world_.pick(6)) {
    case 0: return join_one();
    case 1:
      if (alive > 1)
        return lose_one(true);
      return join_one();
    case 2:
      if (alive > 1)
        return lose_one(false);
      return join_one();
    case 3:
      if (alive > 1)
        return drain_one();
      return join_one();
    case 4: return rebalance();
    default: return switch_masters();
  }
}

void cluster::join_one() {
  auto before = owners();
  seat x;
  x.name = "joined-" + std::to_string(++joined_);
  x.place = world_.add_place();
  x.weight = 1 + (world_.chance(0.2) ? world_.pick(3) : 0);
  move_question question;
  node_spec spec;
  spec.name = x.name;
  spec.weight = x.weight;
  question.with.push_back(spec);
  auto planned = leader()->table().plan(question, world_.now()).size();
  workers_.push_back(x);
  start_worker(workers_.back());
  run_until_well(change_within, x.name + " joined");
  check_moves(before, x.name, true, static_cast<std::int64_t>(planned),
              x.name + " joined");
}

void cluster::lose_one(bool by_kill) {
  std::vector<size_t> alive;
  for (size_t i = 0; i < workers_.size(); ++i)
    if (world_.up(workers_[i].place))
      alive.push_back(i);
  auto i = alive[static_cast<size_t>(
      world_.pick(static_cast<std::int64_t>(alive.size())))];
  auto x = workers_[i];
  auto before = owners();
  move_question question;
  question.without.push_back(x.name);
  auto planned = leader()->table().plan(question, world_.now()).size();
  if (by_kill) {
    // Seen by the socket, or only by silence.
    world_.end(x.place, world_.chance(0.5) ? 1 : 0);
  } else {
    worker(x)->leave();
  }
  run_until_well(change_within, x.name + (by_kill ? " was killed" : " left"));
  if (world_.up(x.place))
    throw violation{x.name + " does not end"};
  check_moves(before, x.name, false, static_cast<std::int64_t>(planned),
              x.name + (by_kill ? " was killed" : " left"));
  workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(i));
}

void cluster::drain_one() {
  auto nodes = leader()->table().nodes(world_.now());
  nodes.erase(std::remove_if(nodes.begin(), nodes.end(),
                             [](auto& x) { return !able(x); }),
              nodes.end());
  if (nodes.size() < 2)
    return;
  auto name = nodes[static_cast<size_t>(
                        world_.pick(static_cast<std::int64_t>(nodes.size())))]
                  .spec.name;
  auto before = owners();
  leader()->drain(name, true);
  run_until_well(change_within, name + " was drained");
  check_moves(before, name, false, -1, name + " was drained");
  before = owners();
  leader()->drain(name, false);
  run_until_well(change_within, name + " was undrained");
  check_moves(before, name, true, -1, name + " was undrained");
}

/// Goes where place_anew says, and what was announced is what happens.
void cluster::rebalance() {
  auto before = owners();
  auto& table = leader()->table();
  auto planned = table.plan({}, world_.now());
  table.rebalance(world_.now());
  leader()->act();
  run_until_well(change_within, "a rebalance");
  auto after = owners();
  for (auto& x : planned) {
    auto i = static_cast<size_t>(x.shard);
    if (before[i] != x.from || after[i] != x.to)
      throw violation{"shard " + std::to_string(x.shard)
                      + " was announced to move to " + x.to + ", but is at "
                      + after[i]};
    before[i] = x.to;
  }
  if (before != after)
    throw violation{"a rebalance moved more than was announced"};
  if (!leader()->table().plan({}, world_.now()).empty())
    throw violation{"a rebalance was not carried out"};
  // And it is as well a placement that nothing moves away from.
  move_question pending;
  pending.carry_out = true;
  if (!leader()->table().plan(pending, world_.now()).empty())
    throw violation{"a rebalanced placement does not stay"};
}

/// The leader dies: another one leads, and no shard moves or even stops.
void cluster::switch_masters() {
  auto before = owners();
  std::vector<std::int64_t> epochs;
  for (std::int32_t i = 0; i < shards_; ++i)
    epochs.push_back(leader()->table().epoch(i));
  auto place = leader()->self().process;
  world_.end(place);
  for (size_t i = 0; i < masters_.size(); ++i)
    if (masters_[i] == place)
      start_master(i);
  run_until_well(change_within, "the leader died");
  if (owners() != before)
    throw violation{"a shard moved because the leader died"};
  for (std::int32_t i = 0; i < shards_; ++i)
    if (leader()->table().epoch(i) != epochs[static_cast<size_t>(i)])
      throw violation{"shard " + std::to_string(i)
                      + " was given out again because the leader died"};
}

} // namespace tickerflow::simulation
