#define CAF_SUITE simulation

#include "test/simulation/many.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdlib>
#include <random>

using namespace tickerflow::simulation;

namespace {

void require_kept(const many_outcome& x, const std::string& flags) {
  if (!x.sum.violation.empty())
    CAF_FAIL("seed " << x.failed_seed << ": " << x.sum.violation
                     << "; replay it: ./dev simulate --seed " << x.failed_seed
                     << flags);
}

/// @returns after how many worlds the broken rule was noticed; 0: never
std::int64_t found_after(mutation x, const std::string& what) {
  scenario broken;
  broken.broken = x;
  auto result = simulate_many(broken, 1, 300, 1);
  CAF_MESSAGE("after " << result.worlds << " worlds: " << result.sum.violation);
  return result.sum.violation.find(what) == std::string::npos ? 0
                                                              : result.worlds;
}

} // namespace

CAF_TEST(no promise is broken in two thousand worlds of faults) {
  auto result = simulate_many({}, 1, 2000);
  require_kept(result, "");
  CAF_CHECK_EQUAL(result.worlds, 2000);
  // What is to be survived has happened.
  CAF_CHECK_GREATER(result.sum.faults, 50'000);
  CAF_CHECK_GREATER(result.sum.commits, 1'000'000);
  CAF_CHECK_GREATER(result.sum.fenced, 1000);
  CAF_CHECK_GREATER(result.sum.old_claims, 1000);
  CAF_CHECK_GREATER(result.sum.stale_told, 1000);
  CAF_CHECK_GREATER(result.sum.double_leaders, 500);
  CAF_CHECK_GREATER(result.sum.names_refused, 1000);
  CAF_CHECK_GREATER(result.sum.moves, 1000);
}

CAF_TEST(no promise is broken in worlds that nobody has seen before) {
  auto text = std::getenv("TICKERFLOW_SEED");
  auto first = text ? std::strtoull(text, nullptr, 10)
                    : 1'000'000 + std::random_device{}() % 1'000'000'000ULL;
  CAF_MESSAGE("TICKERFLOW_SEED=" << first);
  require_kept(simulate_many({}, first, 300), "");
}

CAF_TEST(two thousand workers survive what eight do) {
  auto result = simulate_many(big_scenario(1), 1, 1);
  require_kept(result, " --big");
  CAF_CHECK_GREATER(result.sum.faults, 500);
}

CAF_TEST(the same seed gives the same world) {
  scenario x;
  x.seed = 42;
  auto first = simulate(x);
  auto second = simulate(x);
  CAF_CHECK_EQUAL(first.events, second.events);
  CAF_CHECK_EQUAL(first.commits, second.commits);
  CAF_CHECK(first.recovery == second.recovery);
}

CAF_TEST(a worker that ignores fencing is noticed) {
  CAF_CHECK(found_after(mutation::ignore_fencing, "still writes"));
}

CAF_TEST(a worker that obeys an older master is noticed) {
  CAF_CHECK(found_after(mutation::obey_old_terms, "after it had heard term"));
}

CAF_TEST(a master that gives out an epoch twice is noticed) {
  CAF_CHECK(found_after(mutation::reuse_epoch, "after epoch"));
}

CAF_TEST(a database that writes for any epoch is noticed) {
  CAF_CHECK(found_after(mutation::write_any_epoch, "committed, but epoch"));
}

CAF_TEST(a database that lets an older master claim is noticed) {
  CAF_CHECK(found_after(mutation::claim_any_term, "leads"));
}

CAF_TEST(a master that does not wait for the old owner is noticed) {
  CAF_CHECK(found_after(mutation::hurry, "was not asked to stop first"));
}

CAF_TEST(a master that moves more than it has to is noticed) {
  CAF_CHECK(found_after(mutation::restless, "moved"));
}

CAF_TEST(a master that forgets what its workers hold is noticed) {
  CAF_CHECK(found_after(mutation::forget_held, "because the leader died"));
}

CAF_TEST(a worker that hides the loss of a shard is noticed) {
  CAF_CHECK(found_after(mutation::pretend, "is not served by"));
}
