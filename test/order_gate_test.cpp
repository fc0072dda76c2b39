#define CAF_SUITE order_gate

#include "actors/order_gate.hpp"

#include <caf/test/unit_test.hpp>

using namespace tickerflow;

namespace {

using verdict = order_gate::verdict;

shard_order order(std::int64_t term, std::int32_t shard, std::int64_t epoch) {
  shard_order x;
  x.term = term;
  x.shard = shard;
  x.epoch = epoch;
  return x;
}

} // namespace

CAF_TEST(an order of an older term is not obeyed) {
  order_gate uut;
  CAF_CHECK(uut.follow(3));
  CAF_CHECK(uut.assign(order(2, 0, 9)) == verdict::ignore);
  CAF_CHECK(uut.assign(order(3, 0, 5)) == verdict::take);
  CAF_CHECK(uut.revoke(order(2, 0, 5)) == verdict::ignore);
  CAF_CHECK_EQUAL(uut.held(0), 5);
  CAF_CHECK(!uut.follow(2));
}

CAF_TEST(an order of a newer term makes the older master unheard) {
  order_gate uut;
  uut.follow(3);
  CAF_CHECK(uut.assign(order(4, 0, 5)) == verdict::take);
  CAF_CHECK_EQUAL(uut.term(), 4);
  CAF_CHECK(uut.assign(order(3, 1, 5)) == verdict::ignore);
}

CAF_TEST(an assign that comes twice is obeyed once) {
  order_gate uut;
  CAF_CHECK(uut.assign(order(1, 0, 5)) == verdict::take);
  CAF_CHECK(uut.assign(order(1, 0, 5)) == verdict::ignore);
  CAF_CHECK(uut.assign(order(1, 0, 6)) == verdict::take);
  CAF_CHECK_EQUAL(uut.held(0), 6);
}

CAF_TEST(an assign that comes after the revoke that ends it is not obeyed) {
  order_gate uut;
  CAF_CHECK(uut.revoke(order(1, 0, 5)) == verdict::confirm);
  CAF_CHECK(uut.assign(order(1, 0, 5)) == verdict::ignore);
  CAF_CHECK_EQUAL(uut.held(0), 0);
  CAF_CHECK(uut.assign(order(1, 0, 6)) == verdict::take);
}

CAF_TEST(a revoke that comes again while the shard stops is not confirmed yet) {
  order_gate uut;
  uut.assign(order(1, 0, 5));
  CAF_CHECK(uut.revoke(order(1, 0, 5)) == verdict::drop);
  CAF_CHECK(uut.dropping(0));
  CAF_CHECK(uut.revoke(order(1, 0, 5)) == verdict::ignore);
  uut.dropped(0, 5);
  CAF_CHECK(uut.revoke(order(1, 0, 5)) == verdict::confirm);
}

CAF_TEST(a revoke of an older epoch leaves the newer one served) {
  order_gate uut;
  uut.assign(order(1, 0, 6));
  CAF_CHECK(uut.revoke(order(1, 0, 5)) == verdict::confirm);
  CAF_CHECK_EQUAL(uut.held(0), 6);
}

CAF_TEST(a revoke of an epoch that never came ends the older one) {
  order_gate uut;
  uut.assign(order(1, 0, 5));
  CAF_CHECK(uut.revoke(order(1, 0, 6)) == verdict::drop);
  uut.dropped(0, 5);
  CAF_CHECK(uut.assign(order(1, 0, 6)) == verdict::ignore);
}

CAF_TEST(a newer master may give an epoch again that nobody claimed) {
  order_gate uut;
  uut.assign(order(1, 0, 6));
  uut.dropped(0, 6);
  CAF_CHECK(uut.assign(order(2, 0, 6)) == verdict::take);
  // But what is served goes on.
  CAF_CHECK(uut.assign(order(3, 0, 6)) == verdict::ignore);
  CAF_CHECK_EQUAL(uut.held(0), 6);
}

CAF_TEST(the end of an older epoch does not end the newer one) {
  order_gate uut;
  uut.assign(order(1, 0, 5));
  uut.assign(order(1, 0, 6));
  uut.dropped(0, 5);
  CAF_CHECK_EQUAL(uut.held(0), 6);
}
