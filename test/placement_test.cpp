#define CAF_SUITE placement

#include "actors/placement.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>
#include <random>

using namespace tickerflow;

namespace {

std::vector<placement_node> nodes(const std::vector<std::int32_t>& weights) {
  std::vector<placement_node> result;
  for (size_t i = 0; i < weights.size(); ++i)
    result.push_back({"worker-" + std::to_string(i), weights[i]});
  return result;
}

std::vector<std::int32_t> free_shards(size_t n) {
  return std::vector<std::int32_t>(n, nobody);
}

std::vector<std::int64_t> counts(const std::vector<std::int32_t>& placed,
                                 size_t n) {
  std::vector<std::int64_t> result(n);
  for (auto x : placed)
    if (x >= 0)
      ++result[static_cast<size_t>(x)];
  return result;
}

int moves(const std::vector<std::int32_t>& from,
          const std::vector<std::int32_t>& to) {
  auto result = 0;
  for (size_t i = 0; i < from.size(); ++i)
    result += from[i] >= 0 && from[i] != to[i];
  return result;
}

/// The fewest moves to any placement in which everybody has its share rounded
/// down or up, by trying every choice of whose is rounded up.
std::int64_t fewest_moves(const std::vector<placement_node>& all,
                          const std::vector<std::int32_t>& held) {
  std::int64_t weights = 0;
  for (auto& x : all)
    weights += x.weight;
  auto shards = static_cast<std::int64_t>(held.size());
  auto have = counts(held, all.size());
  std::int64_t best = shards;
  for (unsigned choice = 0; choice < 1U << all.size(); ++choice) {
    std::int64_t room = 0;
    std::int64_t needed = 0;
    auto valid = true;
    for (size_t i = 0; i < all.size(); ++i) {
      auto up = (choice >> i & 1U) != 0;
      valid = valid && !(up && shards * all[i].weight % weights == 0);
      auto share = shards * all[i].weight / weights + up;
      room += share;
      needed += std::max<std::int64_t>(0, have[i] - share);
    }
    if (valid && room == shards)
      best = std::min(best, needed);
  }
  return best;
}

unsigned seed_of_run() {
  auto text = std::getenv("TICKERFLOW_SEED");
  auto result =
      text ? static_cast<unsigned>(std::atoi(text)) : std::random_device{}();
  CAF_MESSAGE("TICKERFLOW_SEED=" << result);
  return result;
}

} // namespace

CAF_TEST(no node is left with nothing while another has two) {
  // Rounding up alone would give 2 2 2 2 0.
  auto found = counts(place(nodes({1, 1, 1, 1, 1}), free_shards(8)), 5);
  for (auto x : found) {
    CAF_CHECK_GREATER_OR_EQUAL(x, 1);
    CAF_CHECK_LESS_OR_EQUAL(x, 2);
  }
}

CAF_TEST(weights decide the share) {
  CAF_CHECK(counts(place(nodes({3, 1}), free_shards(12)), 2)
            == (std::vector<std::int64_t>{9, 3}));
}

CAF_TEST(without nodes nothing is placed) {
  CAF_CHECK(place({}, free_shards(3)) == free_shards(3));
}

CAF_TEST(a joining node takes its share from those that have most) {
  auto before = place(nodes({1, 1}), free_shards(12));
  auto after = place(nodes({1, 1, 1}), before);
  CAF_CHECK(counts(after, 3) == (std::vector<std::int64_t>{4, 4, 4}));
  CAF_CHECK_EQUAL(moves(before, after), 4);
}

CAF_TEST(the node with the higher score gets the shard) {
  auto three = nodes({1, 1, 1});
  // Worker 0 has all six; each of the others takes two.
  std::vector<std::int32_t> before(6, 0);
  auto after = place(three, before);
  // The best bid of all cannot be refused.
  std::uint64_t best = 0;
  std::pair<size_t, std::int32_t> winner;
  for (size_t shard = 0; shard < 6; ++shard)
    for (std::int32_t node = 1; node < 3; ++node) {
      auto score = rendezvous_score(three[static_cast<size_t>(node)].name,
                                    static_cast<std::int32_t>(shard));
      if (score > best) {
        best = score;
        winner = {shard, node};
      }
    }
  CAF_CHECK_EQUAL(after[winner.first], winner.second);
}

CAF_TEST(a node that takes nothing keeps what it has) {
  auto three = nodes({1, 1, 1});
  three[0].takes = false;
  // It is above its share, and it is owed nothing: 6 + 0 + 0 of 9.
  std::vector<std::int32_t> before{0, 0, 0, 0, 0, 0, nobody, nobody, nobody};
  auto after = place(three, before);
  auto found = counts(after, 3);
  CAF_CHECK_EQUAL(found[0], 6);
  CAF_CHECK_EQUAL(moves(before, after), 0);
  CAF_CHECK(std::count(after.begin(), after.end(), nobody) == 0);
}

CAF_TEST(shards that are set aside neither move nor count) {
  std::vector<std::int32_t> held{set_aside, set_aside, nobody, nobody};
  auto after = place(nodes({1, 1}), held);
  CAF_CHECK_EQUAL(after[0], set_aside);
  CAF_CHECK(counts(after, 2) == (std::vector<std::int64_t>{1, 1}));
}

CAF_TEST(while nothing may move only free shards are placed) {
  std::vector<std::int32_t> held{0, 0, 0, 0, nobody};
  auto after = place(nodes({1, 1}), held, false);
  CAF_CHECK_EQUAL(moves(held, after), 0);
  CAF_CHECK_EQUAL(after[4], 1);
}

CAF_TEST(placing anew forgets who serves what) {
  auto three = nodes({1, 2, 1});
  CAF_CHECK(place_anew(three, {0, 0, 0, 1, 1, 2, 2, 2})
            == place_anew(three, free_shards(8)));
}

CAF_TEST(random placements are fair and no plan moves fewer shards) {
  std::mt19937 random{seed_of_run()};
  for (auto round = 0; round < 3000; ++round) {
    std::vector<std::int32_t> weights(1 + random() % 8);
    for (auto& x : weights)
      x = random() % 3 == 0 ? 1 + static_cast<std::int32_t>(random() % 4) : 1;
    auto all = nodes(weights);
    auto held = free_shards(random() % 33);
    for (auto& x : held)
      if (random() % 4 > 0)
        x = static_cast<std::int32_t>(random() % all.size());
    auto after = place(all, held);
    if (moves(held, after) != fewest_moves(all, held))
      CAF_FAIL("round " << round << ": " << moves(held, after) << " moves, "
                        << fewest_moves(all, held) << " would do");
    // Who is placed fairly stays, whatever may move.
    CAF_CHECK(place(all, after) == after);
    // Nothing goes to a node and away from it at once.
    for (size_t i = 0; i < held.size(); ++i)
      for (size_t j = 0; j < held.size(); ++j)
        if (held[i] >= 0 && after[i] != held[i] && after[j] == held[i]
            && held[j] != after[j])
          CAF_FAIL("round " << round << ": worker " << held[i]
                            << " gives a shard and gets another");
  }
}

CAF_TEST(moves that are done one by one do not change those that are left) {
  std::mt19937 random{seed_of_run()};
  for (auto round = 0; round < 1000; ++round) {
    auto all = nodes(std::vector<std::int32_t>(2 + random() % 7, 1));
    auto held = free_shards(8 + random() % 25);
    for (auto& x : held)
      x = static_cast<std::int32_t>(random() % all.size());
    auto goal = place(all, held);
    // All are revoked at once, and let go in any order.
    for (size_t i = 0; i < held.size(); ++i)
      if (goal[i] != held[i])
        held[i] = nobody;
    std::vector<size_t> order;
    for (size_t i = 0; i < held.size(); ++i)
      if (held[i] == nobody)
        order.push_back(i);
    std::shuffle(order.begin(), order.end(), random);
    for (auto i : order) {
      CAF_REQUIRE(place(all, held) == goal);
      held[i] = goal[i];
    }
  }
}
