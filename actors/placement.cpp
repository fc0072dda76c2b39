#include "actors/placement.hpp"

#include <algorithm>
#include <cstddef>
#include <queue>
#include <tuple>

namespace tickerflow {

namespace {

/// FNV-1a: the same on every machine and compiler.
std::uint64_t hash_of(std::string_view name) {
  std::uint64_t x = 0xcbf29ce484222325;
  for (unsigned char c : name)
    x = (x ^ c) * 0x100000001b3;
  return x;
}

/// splitmix64 over both.
std::uint64_t score_of(std::uint64_t name_hash, std::int32_t shard) {
  auto x =
      name_hash + 0x9e3779b97f4a7c15 * (static_cast<std::uint64_t>(shard) + 1);
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

struct seat {
  std::uint64_t hash = 0;
  std::int64_t weight = 1;
  bool takes = true;
  std::int64_t least = 0; // its share, rounded down
  std::int64_t most = 0;  // and up
  std::int64_t count = 0; // shards it has by now
};

struct bid {
  std::uint64_t score;
  std::int32_t shard;
  std::int32_t node;
};

class placing {
public:
  placing(const std::vector<placement_node>& nodes,
          std::vector<std::int32_t> held)
      : result_(std::move(held)) {
    std::int64_t weights = 0;
    for (auto& x : nodes) {
      seat y;
      y.hash = hash_of(x.name);
      y.weight = x.weight;
      y.takes = x.takes;
      seats_.push_back(y);
      weights += x.weight;
    }
    std::int64_t shards = 0;
    for (auto x : result_) {
      shards += x != set_aside;
      if (x >= 0)
        ++at(x).count;
    }
    spare_ = shards;
    for (auto& x : seats_) {
      x.least = shards * x.weight / weights;
      x.most = x.least + (shards * x.weight % weights > 0);
      spare_ -= x.least;
    }
    // Who has more than its share rounded down keeps one more than it, as long
    // as there are enough of these; otherwise some of them give it away.
    for (auto& x : seats_)
      spare_ -= x.count > x.least && x.most > x.least;
    may_give_ = std::max<std::int64_t>(0, -spare_);
    spare_ = std::max<std::int64_t>(0, spare_);
  }

  void serve_all() {
    award([this](size_t shard) { return result_[shard] == nobody; });
    for (size_t i = 0; i < result_.size(); ++i)
      if (result_[i] == nobody)
        overfill(i);
  }

  void even_out() {
    award([this](size_t shard) {
      return result_[shard] >= 0 && gives(result_[shard]);
    });
  }

  std::vector<std::int32_t> take_result() { return std::move(result_); }

private:
  seat& at(std::int32_t node) { return seats_[static_cast<size_t>(node)]; }

  bool has_room(const seat& x) const {
    return x.takes && (x.count < x.least || (x.count < x.most && spare_ > 0));
  }

  bool gives(std::int32_t node) {
    auto& x = at(node);
    return x.takes
           && (x.count > x.most || (x.count > x.least && may_give_ > 0));
  }

  /// @returns the best bid of all nodes that have room; its node is `nobody`
  ///          if none has
  bid best_bid(std::int32_t shard) const {
    bid result{0, shard, nobody};
    for (size_t i = 0; i < seats_.size(); ++i) {
      if (!has_room(seats_[i]))
        continue;
      auto score = score_of(seats_[i].hash, shard);
      if (result.node == nobody || score > result.score) {
        result.score = score;
        result.node = static_cast<std::int32_t>(i);
      }
    }
    return result;
  }

  /// All nodes with room bid for all shards that are wanted; the best bid of
  /// all wins, then the best of the others, and so on. Room only shrinks, so
  /// a shard's best bid stands until its node is full; and there is as much
  /// room as there are shards, so nothing is left over but what is due to
  /// nodes that take nothing.
  template <class Wanted>
  void award(Wanted wanted) {
    auto worse = [](const bid& x, const bid& y) {
      return std::tie(x.score, y.shard) < std::tie(y.score, x.shard);
    };
    std::priority_queue<bid, std::vector<bid>, decltype(worse)> bids{worse};
    for (size_t i = 0; i < result_.size(); ++i)
      if (wanted(i))
        bids.push(best_bid(static_cast<std::int32_t>(i)));
    while (!bids.empty()) {
      auto x = bids.top();
      bids.pop();
      auto shard = static_cast<size_t>(x.shard);
      auto from = result_[shard];
      if (x.node == nobody || (from >= 0 && !gives(from)))
        continue;
      if (!has_room(at(x.node))) {
        bids.push(best_bid(x.shard));
        continue;
      }
      if (from >= 0) {
        auto& giver = at(from);
        may_give_ -= giver.count <= giver.most;
        --giver.count;
      }
      seat_at(shard, x.node);
    }
  }

  /// Better too many for a while than not served.
  void overfill(size_t shard) {
    auto best = nobody;
    auto better = [&](std::int32_t x, std::int32_t y) {
      auto load_x = (at(x).count + 1) * at(y).weight;
      auto load_y = (at(y).count + 1) * at(x).weight;
      auto id = static_cast<std::int32_t>(shard);
      return std::make_tuple(load_x, score_of(at(y).hash, id))
             < std::make_tuple(load_y, score_of(at(x).hash, id));
    };
    for (size_t i = 0; i < seats_.size(); ++i) {
      auto node = static_cast<std::int32_t>(i);
      if (seats_[i].takes && (best == nobody || better(node, best)))
        best = node;
    }
    if (best != nobody)
      seat_at(shard, best);
  }

  void seat_at(size_t shard, std::int32_t node) {
    auto& x = at(node);
    spare_ -= x.count == x.least && x.most > x.least;
    ++x.count;
    result_[shard] = node;
  }

  std::vector<std::int32_t> result_;
  std::vector<seat> seats_;
  std::int64_t spare_ = 0;    // shares that can still be rounded up
  std::int64_t may_give_ = 0; // shares that have to be rounded down
};

} // namespace

std::uint64_t rendezvous_score(std::string_view node, std::int32_t shard) {
  return score_of(hash_of(node), shard);
}

std::vector<std::int32_t> place(const std::vector<placement_node>& nodes,
                                const std::vector<std::int32_t>& held,
                                bool may_move) {
  if (nodes.empty())
    return held;
  placing work{nodes, held};
  work.serve_all();
  if (may_move)
    work.even_out();
  return work.take_result();
}

std::vector<std::int32_t> place_anew(const std::vector<placement_node>& nodes,
                                     const std::vector<std::int32_t>& held) {
  auto all = nodes;
  for (auto& x : all)
    x.takes = true;
  auto none = held;
  for (auto& x : none)
    if (x >= 0)
      x = nobody;
  return place(all, none);
}

} // namespace tickerflow
