#define CAF_SUITE shard_table

#include "actors/shard_table.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdlib>
#include <map>
#include <random>
#include <set>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

using kind = shard_table::order_kind;

shard_table::time at(std::chrono::milliseconds x) {
  return shard_table::time{} + 1h + x;
}

node_spec node(const std::string& name, std::int32_t weight = 1) {
  return {name, "host", 1, weight};
}

shard_table fresh(size_t shards) {
  return shard_table{std::vector<stored_shard>(shards), {}, at(0ms)};
}

node_report beat_of(const shard_table& table, const std::string& name,
                    std::int32_t shards) {
  node_report result;
  result.name = name;
  for (std::int32_t i = 0; i < shards; ++i)
    if (table.owner(i) == name) {
      shard_report x;
      x.shard = i;
      x.epoch = table.epoch(i);
      result.shards.push_back(x);
    }
  return result;
}

std::map<std::string, int> shares(const shard_table& table,
                                  std::int32_t shards) {
  std::map<std::string, int> result;
  for (std::int32_t i = 0; i < shards; ++i)
    ++result[table.owner(i)];
  return result;
}

/// What is ordered from `start` to before `end`, ten times a second.
std::vector<shard_table::order> run(shard_table& table,
                                    std::chrono::milliseconds start,
                                    std::chrono::milliseconds end) {
  std::vector<shard_table::order> result;
  for (auto t = start; t < end; t += 100ms)
    for (auto& x : table.decide(at(t)))
      result.push_back(x);
  return result;
}

} // namespace

CAF_TEST(all shards go to the only node once it has settled) {
  auto uut = fresh(8);
  uut.join(node("a"), {}, at(0ms));
  CAF_CHECK(uut.decide(at(100ms)).empty());
  auto orders = uut.decide(at(600ms));
  CAF_CHECK_EQUAL(orders.size(), 8u);
  for (auto& x : orders) {
    CAF_CHECK(x.kind == kind::assign);
    CAF_CHECK_EQUAL(x.epoch, 1);
  }
  CAF_CHECK(uut.decide(at(700ms)).empty());
}

CAF_TEST(nodes that start together share evenly) {
  auto uut = fresh(8);
  uut.join(node("a"), {}, at(0ms));
  uut.join(node("b"), {}, at(100ms));
  uut.decide(at(700ms));
  auto found = shares(uut, 8);
  CAF_CHECK_EQUAL(found["a"], 4);
  CAF_CHECK_EQUAL(found["b"], 4);
}

CAF_TEST(a joining node takes only its share and each move is revoked first) {
  auto uut = fresh(12);
  uut.join(node("a"), {}, at(0ms));
  uut.join(node("b"), {}, at(0ms));
  uut.decide(at(600ms));
  uut.beat(beat_of(uut, "a", 12), at(1000ms));
  uut.beat(beat_of(uut, "b", 12), at(1000ms));
  uut.join(node("c"), {}, at(1000ms));
  auto orders = uut.decide(at(1600ms));
  CAF_CHECK_GREATER_OR_EQUAL(orders.size(), 4u);
  CAF_CHECK_LESS_OR_EQUAL(orders.size(), 6u);
  for (auto& x : orders) {
    CAF_CHECK(x.kind == kind::revoke);
    uut.revoked({x.node, x.shard, x.epoch, 0, false, ""}, at(1700ms));
  }
  auto assigned = uut.decide(at(1700ms));
  CAF_CHECK_EQUAL(assigned.size(), orders.size());
  for (auto& x : assigned)
    CAF_CHECK_EQUAL(x.epoch, 2);
  CAF_CHECK_EQUAL(shares(uut, 12)["c"], 4);
}

CAF_TEST(a silent nodes shards go to the others with a higher epoch) {
  auto uut = fresh(4);
  uut.join(node("a"), {}, at(0ms));
  uut.join(node("b"), {}, at(0ms));
  uut.decide(at(600ms));
  for (auto t = 700ms; t <= 4s; t += 100ms) {
    uut.beat(beat_of(uut, "a", 4), at(t));
    CAF_CHECK(uut.decide(at(t)).empty());
  }
  auto orders = uut.decide(at(4100ms));
  CAF_CHECK_EQUAL(orders.size(), 2u);
  for (auto& x : orders) {
    CAF_CHECK_EQUAL(x.node, "a");
    CAF_CHECK_EQUAL(x.epoch, 2);
  }
}

CAF_TEST(a node declared dead is not revived by a late beat) {
  auto uut = fresh(2);
  uut.join(node("a"), {}, at(0ms));
  uut.decide(at(600ms));
  auto late = beat_of(uut, "a", 2);
  run(uut, 700ms, 10s);
  uut.beat(late, at(10s));
  CAF_CHECK(!uut.nodes(at(10s)).front().alive);
}

CAF_TEST(a revoke that is not confirmed ends by force) {
  auto uut = fresh(2);
  uut.join(node("a"), {}, at(0ms));
  uut.decide(at(600ms));
  uut.join(node("b"), {}, at(1s));
  auto revokes = uut.decide(at(2s));
  CAF_REQUIRE_EQUAL(revokes.size(), 1u);
  for (auto t = 2100ms; t <= 10s; t += 100ms) {
    uut.beat(beat_of(uut, "a", 2), at(t));
    uut.beat(beat_of(uut, "b", 2), at(t));
    // It is told again, but nobody else is given the shard.
    for (auto& x : uut.decide(at(t)))
      CAF_CHECK(x.kind == kind::revoke);
  }
  uut.beat(beat_of(uut, "b", 2), at(10100ms));
  uut.beat(beat_of(uut, "a", 2), at(10100ms));
  auto orders = uut.decide(at(10100ms));
  CAF_REQUIRE(!orders.empty());
  auto& assigned = orders.back();
  CAF_CHECK(assigned.kind == kind::assign);
  CAF_CHECK_EQUAL(assigned.node, "b");
  CAF_CHECK_EQUAL(assigned.epoch, 2);
}

CAF_TEST(a restarted master takes over what its workers serve) {
  shard_table uut{{{7, {}}, {7, {}}}, {}, at(0ms)};
  shard_report held;
  held.shard = 1;
  held.epoch = 7;
  uut.join(node("a"), {held}, at(0ms));
  auto orders = uut.decide(at(600ms));
  CAF_REQUIRE_EQUAL(orders.size(), 1u); // only the shard that nobody serves
  CAF_CHECK_EQUAL(orders[0].shard, 0);
  CAF_CHECK_EQUAL(orders[0].epoch, 8);
  CAF_CHECK_EQUAL(uut.owner(1), "a");
}

CAF_TEST(a fenced loss raises the epoch above the one in the database) {
  auto uut = fresh(1);
  uut.join(node("a"), {}, at(0ms));
  uut.decide(at(600ms));
  uut.lost({"a", 0, 1, 41, true, "fenced"}, at(700ms));
  auto orders = uut.decide(at(700ms));
  CAF_REQUIRE_EQUAL(orders.size(), 1u);
  CAF_CHECK_EQUAL(orders[0].epoch, 42);
}

CAF_TEST(a shard that fails is given out again after a growing wait) {
  auto uut = fresh(1);
  uut.join(node("a"), {}, at(0ms));
  uut.decide(at(600ms));
  uut.lost({"a", 0, 1, 0, false, "failed"}, at(700ms));
  CAF_CHECK(uut.decide(at(800ms)).empty());
  CAF_CHECK_EQUAL(uut.decide(at(1300ms)).size(), 1u);
}

CAF_TEST(a leaving node is emptied in order) {
  auto uut = fresh(4);
  uut.join(node("a"), {}, at(0ms));
  uut.join(node("b"), {}, at(0ms));
  uut.decide(at(600ms));
  uut.leave("a", at(700ms));
  for (auto& x : uut.decide(at(700ms))) {
    CAF_CHECK(x.kind == kind::revoke);
    CAF_CHECK_EQUAL(x.node, "a");
    uut.revoked({"a", x.shard, x.epoch, 0, false, ""}, at(800ms));
  }
  CAF_CHECK(uut.idle("a"));
  for (auto& x : uut.decide(at(900ms)))
    CAF_CHECK_EQUAL(x.node, "b");
  CAF_CHECK_EQUAL(shares(uut, 4)["b"], 4);
}

CAF_TEST(the last node can leave when nobody takes over) {
  auto uut = fresh(2);
  uut.join(node("a"), {}, at(0ms));
  uut.decide(at(600ms));
  uut.leave("a", at(700ms));
  auto orders = uut.decide(at(700ms));
  CAF_CHECK_EQUAL(orders.size(), 2u);
  for (auto& x : orders)
    uut.revoked({"a", x.shard, x.epoch, 0, false, ""}, at(800ms));
  CAF_CHECK(uut.idle("a"));
}

CAF_TEST(weights decide the share) {
  auto uut = fresh(12);
  uut.join(node("a", 3), {}, at(0ms));
  uut.join(node("b", 1), {}, at(0ms));
  uut.join(node("idle", 0), {}, at(0ms));
  uut.decide(at(600ms));
  auto found = shares(uut, 12);
  CAF_CHECK_EQUAL(found["a"], 9);
  CAF_CHECK_EQUAL(found["b"], 3);
}

CAF_TEST(random joins deaths and losses keep one owner and rising epochs) {
  auto seed_text = std::getenv("TICKERFLOW_SEED");
  auto seed = seed_text ? static_cast<unsigned>(std::atoi(seed_text))
                        : std::random_device{}();
  CAF_MESSAGE("TICKERFLOW_SEED=" << seed);
  std::mt19937 random{seed};
  constexpr std::int32_t shards = 16;
  for (auto round = 0; round < 200; ++round) {
    auto uut = fresh(shards);
    std::map<std::int32_t, std::int64_t> epochs;
    std::set<std::string> alive;
    auto t = at(0ms);
    for (auto i = 0; i < 200; ++i) {
      t += std::chrono::milliseconds{random() % 400};
      auto name = std::string(1, static_cast<char>('a' + random() % 6));
      switch (random() % 5) {
        case 0:
          uut.join(node(name), beat_of(uut, name, shards).shards, t);
          alive.insert(name);
          break;
        case 1:
          if (alive.erase(name) > 0)
            uut.dead(name, t);
          break;
        case 2: {
          auto shard = static_cast<std::int32_t>(random() % shards);
          uut.lost({uut.owner(shard), shard, uut.epoch(shard), 0,
                    random() % 2 == 0, ""},
                   t);
          break;
        }
        default: break;
      }
      for (auto& x : alive)
        uut.beat(beat_of(uut, x, shards), t);
      for (auto& x : uut.decide(t)) {
        if (x.kind == kind::revoke) {
          if (random() % 3 > 0)
            uut.revoked({x.node, x.shard, x.epoch, 0, false, ""}, t);
          continue;
        }
        // An epoch is given out once: two owners never share one.
        if (x.epoch <= epochs[x.shard])
          CAF_FAIL("epoch " << x.epoch << " of shard " << x.shard
                            << " was given out twice");
        if (alive.count(x.node) == 0)
          CAF_FAIL("a dead node was given shard " << x.shard);
        epochs[x.shard] = x.epoch;
      }
    }
    // Quiet again: every shard is owned within bounded time.
    if (alive.empty())
      continue;
    for (auto i = 0; i < 200; ++i) {
      t += 100ms;
      for (auto& x : alive)
        uut.beat(beat_of(uut, x, shards), t);
      for (auto& x : uut.decide(t))
        if (x.kind == kind::revoke)
          uut.revoked({x.node, x.shard, x.epoch, 0, false, ""}, t);
    }
    for (std::int32_t i = 0; i < shards; ++i)
      if (alive.count(uut.owner(i)) == 0)
        CAF_FAIL("shard " << i << " has no living owner after 20 s");
    for (auto& [name, count] : shares(uut, shards))
      CAF_CHECK_LESS_OR_EQUAL(count,
                              (shards + static_cast<int>(alive.size()) - 1)
                                  / static_cast<int>(alive.size()));
  }
}
