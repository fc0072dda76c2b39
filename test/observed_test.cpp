#define CAF_SUITE observed

#include "actors/observed.hpp"

#include "messages/quota.hpp"
#include "messages/setup.hpp"

#include <caf/test/dsl.hpp>

#include <algorithm>
#include <stdexcept>
#include <thread>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

struct config : caf::actor_system_config {
  config() { add_messages(*this); }
};

struct probe_state {
  static constexpr const char* name = "probe";

  int calls = 0;
};

quota_actor::behavior_type
probe(observed_pointer<quota_actor, probe_state> self, bool throws_at_start) {
  self->label("symbol", "TSLA");
  if (throws_at_start)
    throw std::runtime_error("no start");
  return {
      [self](acquire_atom, const std::string& text) {
        ++self->state.calls;
        if (text == "slow")
          std::this_thread::sleep_for(2ms);
        return api_permit{};
      },
      [](refused_atom, const api_refusal& x) {
        throw std::runtime_error("cannot take " + x.symbol);
      },
      [](status_atom) { return budget_status{}; },
  };
}

struct fixture : test_coordinator_fixture<config> {
  quota_actor uut = sys.spawn(probe, false);

  ~fixture() {
    caf::anon_send_exit(uut, caf::exit_reason::kill);
    consume_messages();
  }

  actor_row row() {
    for (auto& x : actor_board::instance().actors(&sys))
      if (x.kind == "probe" && x.id == uut.id())
        return x;
    CAF_FAIL("the actor is not on the board");
    return {};
  }

  static actor_kind_row kind() {
    for (auto& x : actor_board::instance().kinds())
      if (x.kind == "probe")
        return x;
    return {};
  }

  caf::error end_of(const quota_actor& x) {
    self->monitor(x);
    consume_messages();
    caf::error result;
    self->receive([&](const caf::down_msg& y) { result = y.reason; });
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(observed_tests, fixture)

CAF_TEST(messages that wait and that were handled are counted) {
  for (int i = 0; i < 5; ++i)
    caf::anon_send(uut, acquire_atom_v, std::string{"TSLA"});
  CAF_CHECK_EQUAL(row().mailbox, 5u);
  consume_messages();
  auto x = row();
  CAF_CHECK_EQUAL(x.mailbox, 0u);
  CAF_CHECK_EQUAL(x.mailbox_highest, 5u);
  CAF_CHECK_EQUAL(x.handled, 5u);
  CAF_CHECK_EQUAL(x.received, 5u);
  CAF_REQUIRE_EQUAL(x.labels.size(), 1u);
  CAF_CHECK_EQUAL(x.labels[0].second, "TSLA");
}

CAF_TEST(each message is in one bucket of the histogram) {
  caf::anon_send(uut, acquire_atom_v, std::string{"slow"});
  caf::anon_send(uut, acquire_atom_v, std::string{"fast"});
  consume_messages();
  auto x = row();
  std::uint64_t all = 0;
  for (auto n : x.handled_within)
    all += n;
  CAF_CHECK_EQUAL(all, 2u);
  // It slept for 2 ms: not in the buckets up to 1 ms.
  CAF_CHECK_LESS_OR_EQUAL(
      x.handled_within[0] + x.handled_within[1] + x.handled_within[2], 1u);
  CAF_CHECK(x.busy >= 2ms);
}

CAF_TEST(an exception of a handler ends in the hands of the monitor) {
  auto before = kind().failed;
  api_refusal refusal;
  refusal.symbol = "ACME";
  caf::anon_send(uut, refused_atom_v, refusal);
  auto reason = end_of(uut);
  CAF_CHECK_EQUAL(text_of(reason), "cannot take ACME");
  CAF_CHECK_EQUAL(kind().failed, before + 1);
  CAF_CHECK_EQUAL(kind().last_failure, "cannot take ACME");
}

CAF_TEST(an exception at the start ends in the hands of the monitor) {
  auto late = sys.spawn(probe, true);
  CAF_CHECK_EQUAL(text_of(end_of(late)), "no start");
}

CAF_TEST(an ordered end is no failure and leaves the board) {
  auto before = kind();
  caf::anon_send_exit(uut, caf::exit_reason::user_shutdown);
  consume_messages();
  CAF_CHECK_EQUAL(kind().failed, before.failed);
  CAF_CHECK_EQUAL(kind().alive + 1, before.alive);
}

CAF_TEST(a queue that is gone leaves its high water mark) {
  auto& board = actor_board::instance();
  auto find = [&] {
    for (auto& x : board.queues())
      if (x.name == "test")
        return x;
    return queue_row{};
  };
  auto first = board.queue("test", 10);
  auto second = board.queue("test", 10);
  first->set(7);
  first->set(2);
  second->add(3);
  CAF_CHECK_EQUAL(find().size, 3); // of several the worst
  CAF_CHECK_EQUAL(find().highest, 7);
  first = nullptr;
  second = nullptr;
  CAF_CHECK_EQUAL(find().size, 0);
  CAF_CHECK_EQUAL(find().highest, 7);
  CAF_CHECK_EQUAL(find().bound, 10);
}

CAF_TEST_FIXTURE_SCOPE_END()
