#define CAF_SUITE shard_table_faults

#include "actors/shard_table.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <set>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

using kind = shard_table::order_kind;
using admission = shard_table::admission;

shard_table::time at(std::chrono::milliseconds x) {
  return shard_table::time{} + 1h + x;
}

node_spec node(const std::string& name, std::int32_t pid = 1,
               std::int32_t weight = 1) {
  node_spec x;
  x.name = name;
  x.host = "host";
  x.pid = pid;
  x.weight = weight;
  x.started_ms = pid * 1000;
  return x;
}

shard_report holding(std::int32_t shard, std::int64_t epoch,
                     const std::string& state = "running") {
  shard_report x;
  x.shard = shard;
  x.epoch = epoch;
  x.state = state;
  return x;
}

node_report beat_of(const shard_table& table, const std::string& name) {
  node_report result;
  result.name = name;
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(table.size()); ++i)
    if (table.owner(i) == name)
      result.shards.push_back(holding(i, table.epoch(i)));
  return result;
}

shard_table fresh(size_t shards) {
  return shard_table{std::vector<stored_shard>(shards), {}, at(0ms)};
}

/// Lets time pass with all nodes beating, but for the silent ones.
std::vector<shard_table::order> run(shard_table& table,
                                    std::chrono::milliseconds start,
                                    std::chrono::milliseconds end,
                                    const std::set<std::string>& silent = {}) {
  std::vector<shard_table::order> result;
  for (auto t = start; t < end; t += 100ms) {
    for (auto& x : table.nodes(at(t)))
      if (x.alive && silent.count(x.spec.name) == 0)
        table.beat(beat_of(table, x.spec.name), at(t));
    for (auto& x : table.decide(at(t)))
      result.push_back(x);
  }
  return result;
}

void confirm(shard_table& table, const std::vector<shard_table::order>& orders,
             std::chrono::milliseconds now) {
  for (auto& x : orders)
    if (x.kind == kind::revoke)
      table.revoked({x.node, x.shard, x.epoch, 0, false, ""}, at(now));
}

size_t count_of(const std::vector<shard_table::order>& orders, kind what) {
  return static_cast<size_t>(std::count_if(
      orders.begin(), orders.end(), [&](auto& x) { return x.kind == what; }));
}

} // namespace

CAF_TEST(a suspect node keeps its shards and gets no others) {
  auto uut = fresh(4);
  uut.join(node("a"), {}, at(0ms));
  uut.join(node("b"), {}, at(0ms));
  run(uut, 0ms, 600ms);
  run(uut, 600ms, 3s, {"a"}); // silent for longer than 2 s, not than 4
  CAF_CHECK(uut.nodes(at(2900ms)).front().suspect);
  auto of_b = beat_of(uut, "b").shards.front();
  uut.lost({"b", of_b.shard, of_b.epoch, 77, true, ""}, at(3s));
  auto orders = uut.decide(at(3s));
  CAF_REQUIRE_EQUAL(orders.size(), 1u);
  CAF_CHECK_EQUAL(orders[0].node, "b");
  auto kept = beat_of(uut, "a").shards.size();
  CAF_CHECK_EQUAL(kept, 2u);
}

CAF_TEST(several nodes that fall silent at once die at once) {
  auto uut = fresh(8);
  for (auto name : {"a", "b", "c", "d"})
    uut.join(node(name), {}, at(0ms));
  run(uut, 0ms, 600ms);
  auto orders = run(uut, 600ms, 5s, {"a", "b", "c"});
  CAF_CHECK_EQUAL(orders.size(), 6u);
  for (auto& x : orders) {
    CAF_CHECK_EQUAL(x.node, "d");
    CAF_CHECK_EQUAL(x.epoch, 2);
  }
}

CAF_TEST(after a change of masters workers that come back keep their shards) {
  std::vector<stored_shard> stored{{7, "a"}, {3, "b"}, {9, "a"}, {4, "b"}};
  shard_table uut{stored, {}, at(0ms)};
  uut.join(node("a"), {holding(0, 7), holding(2, 9)}, at(100ms));
  // Alone for three seconds, and still what is b's stays b's.
  CAF_CHECK(run(uut, 100ms, 3s).empty());
  CAF_CHECK_EQUAL(uut.view(1, at(1s)).reason,
                  "kept for b, which served it last");
  uut.join(node("b"), {holding(1, 3), holding(3, 4)}, at(3s));
  CAF_CHECK(run(uut, 3s, 10s).empty());
  CAF_CHECK_EQUAL(uut.owner(3), "b");
}

CAF_TEST(the shards of a stored owner that does not come back are free) {
  shard_table uut{{{7, "a"}, {3, "b"}}, {}, at(0ms)};
  uut.join(node("a"), {holding(0, 7)}, at(100ms));
  auto orders = run(uut, 100ms, 5s);
  CAF_REQUIRE_EQUAL(orders.size(), 1u);
  CAF_CHECK_EQUAL(orders[0].shard, 1);
  CAF_CHECK_EQUAL(orders[0].epoch, 4);
}

CAF_TEST(a shard that the older master gave out last is adopted) {
  shard_table uut{{{7, "a"}}, {}, at(0ms)};
  // The order was given after the epochs were read.
  uut.join(node("b"), {holding(0, 8)}, at(100ms));
  CAF_CHECK_EQUAL(uut.owner(0), "b");
  CAF_CHECK_EQUAL(uut.epoch(0), 8);
  // What a still holds is older.
  uut.join(node("a"), {holding(0, 7)}, at(200ms));
  auto orders = uut.decide(at(200ms));
  CAF_REQUIRE_EQUAL(orders.size(), 1u);
  CAF_CHECK(orders[0].kind == kind::revoke);
  CAF_CHECK_EQUAL(orders[0].node, "a");
  CAF_CHECK_EQUAL(orders[0].epoch, 7);
}

CAF_TEST(a zombie is told to drop what it holds but not at each beat) {
  auto uut = fresh(2);
  uut.join(node("a"), {}, at(0ms));
  run(uut, 0ms, 600ms);
  auto old = beat_of(uut, "a");
  uut.join(node("b"), {}, at(600ms));
  run(uut, 600ms, 5s, {"a"}); // b has both now
  CAF_CHECK(!uut.beat(old, at(5s)));
  uut.join(node("a"), old.shards, at(5s));
  size_t told = 0;
  for (auto t = 5000ms; t < 8s; t += 100ms) {
    uut.beat(old, at(t)); // it does not hear
    uut.beat(beat_of(uut, "b"), at(t));
    for (auto& x : uut.decide(at(t)))
      told += x.kind == kind::revoke && x.node == "a" && x.epoch == 1;
  }
  // At once, and twice more in three seconds, for each of two shards.
  CAF_CHECK_GREATER_OR_EQUAL(told, 4u);
  CAF_CHECK_LESS_OR_EQUAL(told, 6u);
}

CAF_TEST(an assign that was lost is given out again with a higher epoch) {
  auto uut = fresh(1);
  uut.join(node("a"), {}, at(0ms));
  uut.decide(at(600ms));
  std::vector<shard_table::order> again;
  for (auto t = 700ms; t < 7s; t += 100ms) {
    node_report nothing;
    nothing.name = "a";
    uut.beat(nothing, at(t));
    for (auto& x : uut.decide(at(t)))
      again.push_back(x);
  }
  CAF_REQUIRE_EQUAL(again.size(), 1u);
  CAF_CHECK_EQUAL(again[0].epoch, 2);
}

CAF_TEST(a revoke whose confirmation was lost is settled by beats) {
  auto uut = fresh(2);
  uut.join(node("a"), {}, at(0ms));
  run(uut, 0ms, 1s);
  uut.join(node("b"), {}, at(1s));
  auto orders = run(uut, 1s, 1600ms);
  CAF_REQUIRE_EQUAL(orders.size(), 1u);
  auto left = beat_of(uut, "a");
  left.shards.erase(
      std::remove_if(left.shards.begin(), left.shards.end(),
                     [&](auto& x) { return x.shard == orders[0].shard; }),
      left.shards.end());
  for (auto t = 1600ms; t < 2600ms; t += 500ms)
    uut.beat(left, at(t));
  auto assigned = uut.decide(at(2600ms));
  CAF_REQUIRE_EQUAL(assigned.size(), 1u);
  CAF_CHECK_EQUAL(assigned[0].node, "b");
}

CAF_TEST(confirmations and losses of older epochs change nothing) {
  auto uut = fresh(1);
  uut.join(node("a"), {}, at(0ms));
  run(uut, 0ms, 1s);
  uut.lost({"a", 0, 1, 1, true, ""}, at(1s));
  run(uut, 1s, 3s);
  CAF_CHECK_EQUAL(uut.epoch(0), 2);
  uut.revoked({"a", 0, 1, 0, false, ""}, at(3s));
  uut.lost({"a", 0, 1, 1, true, ""}, at(3s));
  uut.revoked({"b", 0, 2, 0, false, ""}, at(3s));
  CAF_CHECK_EQUAL(uut.owner(0), "a");
  CAF_CHECK(uut.decide(at(3s)).empty());
}

CAF_TEST(of two living processes with one name the first keeps it) {
  auto uut = fresh(2);
  CAF_CHECK(uut.join(node("a", 1), {}, at(0ms)) == admission::registered);
  run(uut, 0ms, 1s);
  CAF_CHECK(uut.join(node("a", 2), {}, at(1s)) == admission::name_in_use);
  CAF_CHECK(uut.decide(at(1s)).empty());
  // The first may return, for it is the same process.
  auto held = beat_of(uut, "a").shards;
  CAF_CHECK(uut.join(node("a", 1), held, at(1s)) == admission::registered);
  CAF_CHECK(uut.decide(at(1s)).empty());
}

CAF_TEST(a process takes the name of one that hangs and the latter is told) {
  auto uut = fresh(2);
  uut.join(node("a", 1), {}, at(0ms));
  run(uut, 0ms, 1s);
  auto old = beat_of(uut, "a");
  run(uut, 1s, 3500ms, {"a"});
  CAF_CHECK(uut.join(node("a", 2), {}, at(3500ms)) == admission::registered);
  for (auto& x : uut.decide(at(3500ms)))
    CAF_CHECK_EQUAL(x.epoch, 2);
  // Its beats are known by its start; it has to register, and cannot.
  CAF_CHECK(!uut.beat(old, at(3600ms), 1000));
  CAF_CHECK(uut.join(node("a", 1), old.shards, at(3600ms))
            == admission::name_in_use);
}

CAF_TEST(a restarted process holds only what it reports) {
  auto uut = fresh(2);
  uut.join(node("a", 1), {}, at(0ms));
  run(uut, 0ms, 1s);
  uut.dead("a", at(1s)); // its socket closed
  uut.join(node("a", 2), {}, at(1100ms));
  auto orders = run(uut, 1100ms, 2s);
  CAF_CHECK_EQUAL(orders.size(), 2u);
  for (auto& x : orders)
    CAF_CHECK_EQUAL(x.epoch, 2);
}

CAF_TEST(a drained node is emptied in order and can be filled again) {
  auto uut = fresh(4);
  uut.join(node("a"), {}, at(0ms));
  uut.join(node("b"), {}, at(0ms));
  run(uut, 0ms, 1s);
  CAF_CHECK(!uut.drain("nobody", true, at(1s)));
  CAF_CHECK(uut.drain("a", true, at(1s)));
  auto orders = uut.decide(at(1s));
  CAF_CHECK_EQUAL(count_of(orders, kind::revoke), 2u);
  CAF_CHECK_EQUAL(uut.view(orders[0].shard, at(1s)).reason, "a is drained");
  confirm(uut, orders, 1100ms);
  run(uut, 1100ms, 2s);
  CAF_CHECK(uut.idle("a"));
  // A restart does not undo it.
  uut.dead("a", at(2s));
  uut.join(node("a", 2), {}, at(2s));
  CAF_CHECK(run(uut, 2s, 3s).empty());
  uut.drain("a", false, at(3s));
  auto back = uut.decide(at(3s));
  CAF_CHECK_EQUAL(count_of(back, kind::revoke), 2u);
}

CAF_TEST(the last node serves on although it is drained) {
  auto uut = fresh(2);
  uut.join(node("a"), {}, at(0ms));
  run(uut, 0ms, 1s);
  uut.drain("a", true, at(1s));
  CAF_CHECK(run(uut, 1s, 3s).empty());
  CAF_CHECK(!uut.idle("a"));
}

CAF_TEST(what is announced for a node to come or go is what happens) {
  auto uut = fresh(12);
  uut.join(node("a"), {}, at(0ms));
  uut.join(node("b"), {}, at(0ms));
  run(uut, 0ms, 1s);
  move_question with;
  with.with.push_back(node("c"));
  auto planned = uut.plan(with, at(1s));
  CAF_CHECK_EQUAL(planned.size(), 4u);
  for (auto& x : planned) {
    CAF_CHECK_EQUAL(x.to, "c");
    CAF_CHECK_EQUAL(x.reason, "c joined");
  }
  CAF_CHECK(uut.decide(at(1s)).empty()); // it was a question
  uut.join(node("c"), {}, at(1s));
  auto orders = run(uut, 1s, 1600ms);
  CAF_REQUIRE_EQUAL(orders.size(), planned.size());
  for (size_t i = 0; i < orders.size(); ++i)
    CAF_CHECK_EQUAL(orders[i].shard, planned[i].shard);
  confirm(uut, orders, 1600ms);
  run(uut, 1600ms, 2s);
  move_question without;
  without.without.push_back("a");
  auto gone = uut.plan(without, at(2s));
  CAF_CHECK_EQUAL(gone.size(), 4u);
  for (auto& x : gone) {
    CAF_CHECK_EQUAL(x.from, "a");
    CAF_CHECK_EQUAL(x.reason, "a leaves");
  }
}

CAF_TEST(rebalance moves to where the nodes alone would put each shard) {
  auto uut = fresh(12);
  // One after the other: a placement with a history.
  for (auto i = 0; i < 3; ++i) {
    auto t = i * 2000ms;
    uut.join(node(std::string(1, static_cast<char>('a' + i))), {}, at(t));
    confirm(uut, run(uut, t, t + 1s), t + 1s);
    run(uut, t + 1s, t + 2s);
  }
  auto planned = uut.plan({}, at(6s));
  CAF_REQUIRE(!planned.empty());
  uut.rebalance(at(6s));
  confirm(uut, uut.decide(at(6s)), 6100ms);
  run(uut, 6100ms, 8s);
  for (auto& x : planned)
    CAF_CHECK_EQUAL(uut.owner(x.shard), x.to);
  CAF_CHECK(uut.plan({}, at(8s)).empty());
  // It is over: what comes next moves as little as before.
  uut.join(node("d"), {}, at(8s));
  auto orders = run(uut, 8s, 9s);
  CAF_CHECK_EQUAL(orders.size(), 3u);
}

CAF_TEST(a master that hung itself does not take its nodes for dead) {
  auto uut = fresh(4);
  uut.join(node("a"), {}, at(0ms));
  uut.join(node("b"), {}, at(0ms));
  run(uut, 0ms, 1s);
  // Twenty seconds pass; its timer is heard before the beats that waited.
  CAF_CHECK(uut.decide(at(21s)).empty());
  for (auto& x : uut.nodes(at(21s)))
    CAF_CHECK(x.alive);
  CAF_CHECK(run(uut, 21s, 23s).empty());
  // And then silence counts again.
  CAF_CHECK_EQUAL(run(uut, 23s, 28s, {"a"}).size(), 2u);
}

CAF_TEST(a node that starts later is not given shards before it settled) {
  auto uut = fresh(4);
  uut.join(node("a"), {}, at(0ms));
  run(uut, 0ms, 1s);
  uut.join(node("b"), {}, at(1s));
  CAF_CHECK(run(uut, 1s, 1500ms).empty());
  CAF_CHECK_EQUAL(run(uut, 1500ms, 1600ms).size(), 2u);
  // But what is free is given out at once.
  uut.dead("a", at(1600ms));
  uut.join(node("c"), {}, at(1600ms));
  CAF_CHECK_EQUAL(uut.decide(at(1600ms)).size(), 4u);
}

CAF_TEST(joins that never end do not hold moves for ever) {
  auto uut = fresh(64);
  uut.join(node("first"), {}, at(0ms));
  run(uut, 0ms, 1s);
  size_t moves = 0;
  for (auto i = 0; i < 12; ++i) {
    auto t = 1s + i * 300ms;
    uut.join(node("n" + std::to_string(i)), {}, at(t));
    moves += run(uut, t, t + 300ms).size();
  }
  CAF_CHECK_GREATER(moves, 0u);
}
