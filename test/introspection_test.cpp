#define CAF_SUITE introspection

#include "actors/introspector.hpp"
#include "actors/node_introspection.hpp"
#include "messages/quota.hpp"
#include "messages/setup.hpp"

#include <caf/test/dsl.hpp>

#include <spdlog/spdlog.h>

#include <unistd.h>

#include <algorithm>
#include <future>
#include <stdexcept>
#include <thread>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

struct config : caf::actor_system_config {
  config() {
    add_messages(*this);
    set("scheduler.max-threads", size_t{1});
  }
};

struct probe_state {
  static constexpr const char* name = "probe";

  void tell(state_page& out) const { out.add("calls", calls); }

  int calls = 0;
  std::vector<quota_actor> children;
};

quota_actor::behavior_type
probe(observed_pointer<quota_actor, probe_state> self, std::string symbol) {
  self->label("symbol", symbol);
  return {
      [self](acquire_atom, const std::string& text) {
        auto& state = self->state;
        ++state.calls;
        if (text == "spawn")
          state.children.push_back(
              self->spawn<caf::monitored>(probe, std::string{"child"}));
        if (text == "forward")
          self->request(state.children.back(), 1min, acquire_atom_v,
                        std::string{"x"})
              .then([](const api_permit&) {});
        return api_permit{};
      },
      [](refused_atom, const api_refusal& x) {
        throw std::runtime_error("cannot take " + x.symbol);
      },
      [](status_atom) { return budget_status{}; },
  };
}

/// Keeps its thread until it is let go.
quota_actor::behavior_type stuck(observed_pointer<quota_actor, probe_state>,
                                 std::shared_future<void> go,
                                 std::promise<void>* began) {
  return {
      [=](acquire_atom, const std::string&) {
        began->set_value();
        go.wait();
        return api_permit{};
      },
      [](refused_atom, const api_refusal&) {},
      [](status_atom) { return budget_status{}; },
  };
}

std::uint64_t serial_of(const quota_actor& x) {
  auto seen =
      dynamic_cast<observable*>(caf::actor_cast<caf::abstract_actor*>(x));
  CAF_REQUIRE(seen != nullptr);
  return seen->counters()->serial();
}

struct fixture : test_coordinator_fixture<config> {
  quota_actor parent = sys.spawn(probe, std::string{"parent"});
  node_introspection uut{"n1", &sys};

  fixture() { consume_messages(); }

  ~fixture() {
    caf::anon_send_exit(parent, caf::exit_reason::kill);
    consume_messages();
  }

  void tell(const quota_actor& x, const std::string& text) {
    caf::anon_send(x, acquire_atom_v, text);
    consume_messages();
  }

  quota_actor child() {
    tell(parent, "spawn");
    return deref<observed_actor<quota_actor, probe_state>>(parent)
        .state.children.back();
  }

  void end(const quota_actor& x) {
    caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
    consume_messages();
  }

  /// Without the cache of the one before.
  node_snapshot fresh(bool flow = false) {
    node_introspection result{"n1", &sys};
    return result.snapshot(flow);
  }

  actor_snapshot row(std::uint64_t serial) {
    for (auto& x : fresh().actors)
      if (x.serial == serial)
        return x;
    CAF_FAIL("no actor " << serial);
    return {};
  }

  actor_detail look(const quota_actor& x) {
    auto result = uut.inspect(serial_of(x));
    CAF_REQUIRE(result);
    return *result;
  }
};

bool has(const std::vector<actor_relation>& xs, const char* relation,
         std::uint64_t serial) {
  return std::any_of(xs.begin(), xs.end(), [&](auto& x) {
    return x.relation == relation && x.serial == serial;
  });
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(introspection_tests, fixture)

CAF_TEST(a snapshot tells the process and counts each actors messages) {
  tell(parent, "one");
  tell(parent, "two");
  auto x = fresh();
  CAF_CHECK_EQUAL(x.node, "n1");
  CAF_CHECK_EQUAL(x.pid, ::getpid());
  CAF_CHECK(x.memory_bytes > 0);
  CAF_REQUIRE_EQUAL(x.actors.size(), 1u);
  auto& y = x.actors[0];
  CAF_CHECK_EQUAL(y.kind, "probe");
  CAF_CHECK_EQUAL(y.labels, (actor_labels{{"symbol", "parent"}}));
  CAF_CHECK_EQUAL(y.handled, 2u);
  CAF_CHECK_EQUAL(y.mailbox, 0u);
  CAF_CHECK_EQUAL(y.supervisor, 0u);
  std::uint64_t all = 0;
  for (auto n : y.handled_within)
    all += n;
  CAF_CHECK_EQUAL(all, 2u);
  CAF_CHECK_EQUAL(y.handled_within.size(), std::size(handling_bounds_us) + 1);
  for (size_t i = 0; i < std::size(handling_bounds_us); ++i)
    CAF_CHECK(handling_bounds[i]
              == std::chrono::microseconds{handling_bounds_us[i]});
}

CAF_TEST(a snapshot comes from a cache that tells its age) {
  auto first = uut.snapshot(false);
  tell(parent, "one");
  auto second = uut.snapshot(false);
  CAF_CHECK_EQUAL(second.now_ms, first.now_ms);
  CAF_CHECK_EQUAL(second.actors.at(0).handled, 0u);
}

CAF_TEST(who starts an actor is its supervisor) {
  auto x = child();
  CAF_CHECK_EQUAL(row(serial_of(x)).supervisor, serial_of(parent));
  auto seen = look(parent);
  CAF_CHECK(has(seen.relations, "monitors", serial_of(x)));
  CAF_CHECK(has(look(x).relations, "monitored_by", serial_of(parent)));
  end(x);
}

CAF_TEST(an actor that is looked at shows its messages and who sends them) {
  auto x = child();
  look(x);
  tell(parent, "forward");
  caf::anon_send(x, acquire_atom_v, std::string{"direct"});
  consume_messages();
  auto seen = look(x);
  CAF_REQUIRE_EQUAL(seen.messages.size(), 2u);
  CAF_CHECK_EQUAL(seen.messages[1].type, "acquire, str");
  CAF_CHECK_EQUAL(seen.messages[1].from, serial_of(parent));
  CAF_CHECK_EQUAL(seen.messages[0].from, 0u);
  CAF_CHECK_EQUAL(seen.messages[0].from_name, "(nobody)");
  CAF_REQUIRE_EQUAL(seen.senders.size(), 2u);
  for (auto& sender : seen.senders)
    CAF_CHECK_EQUAL(sender.messages, 1u);
  end(x);
}

CAF_TEST(a message type of ours is named without its pointer) {
  auto message = caf::make_message(publish_atom_v, outgoing_batch_ptr{},
                                   api_refusal{}, std::int32_t{1});
  CAF_CHECK_EQUAL(message_type{message.content()}.name(),
                  "publish, outgoing_batch, api_refusal, i32");
}

CAF_TEST(nothing is kept of messages while nobody looks) {
  tell(parent, "one");
  auto seen = look(parent);
  CAF_CHECK(seen.messages.empty());
  CAF_CHECK(seen.senders.empty());
}

CAF_TEST(the actor itself tells its state between two messages) {
  tell(parent, "one");
  CAF_CHECK_EQUAL(look(parent).state_age_ms, -1);
  auto before = row(serial_of(parent));
  consume_messages();
  auto seen = look(parent);
  CAF_CHECK_EQUAL(seen.state_json, "{\"calls\":1}");
  CAF_CHECK(seen.state_age_ms >= 0);
  consume_messages();
  // Being asked is no message of its own.
  auto after = row(serial_of(parent));
  CAF_CHECK_EQUAL(after.handled, before.handled);
  CAF_CHECK_EQUAL(after.received, before.received);
  CAF_CHECK_EQUAL(after.mailbox, 0u);
}

CAF_TEST(a busy actor is asked for its state once) {
  look(parent);
  look(parent);
  look(parent);
  auto attention = [&] {
    return actor_board::instance().find(serial_of(parent))->attention();
  };
  CAF_CHECK_EQUAL(attention(),
                  actor_counters::watched + actor_counters::one_order);
  consume_messages();
  CAF_CHECK_EQUAL(attention(), 0u + actor_counters::watched);
}

CAF_TEST(flow is counted from the first question on) {
  auto x = child();
  tell(parent, "forward");
  CAF_CHECK(fresh(true).edges.empty());
  tell(parent, "forward");
  tell(parent, "forward");
  auto seen = fresh(true);
  auto edge = std::find_if(seen.edges.begin(), seen.edges.end(), [&](auto& y) {
    return y.from == serial_of(parent);
  });
  CAF_REQUIRE(edge != seen.edges.end());
  CAF_CHECK_EQUAL(edge->to, serial_of(x));
  CAF_CHECK_EQUAL(edge->messages, 2u);
  for (auto& y : seen.actors)
    CAF_CHECK_EQUAL(y.sent, 2u); // questions and answers
  CAF_CHECK(fresh(false).edges.empty());
  end(x);
}

CAF_TEST(a death stays with the name of the one that follows) {
  auto x = sys.spawn(probe, std::string{"mortal"});
  consume_messages();
  auto dead = serial_of(x);
  api_refusal refusal;
  refusal.symbol = "ACME";
  caf::anon_send(x, refused_atom_v, refusal);
  consume_messages();
  auto seen = fresh();
  CAF_REQUIRE(!seen.deaths.empty());
  CAF_CHECK_EQUAL(seen.deaths[0].serial, dead);
  CAF_CHECK_EQUAL(seen.deaths[0].reason, "cannot take ACME");
  CAF_CHECK_EQUAL(seen.deaths[0].labels, (actor_labels{{"symbol", "mortal"}}));
  auto next = sys.spawn(probe, std::string{"mortal"});
  consume_messages();
  auto y = row(serial_of(next));
  CAF_CHECK_EQUAL(y.restarts, 1u);
  CAF_CHECK_EQUAL(y.last_death_reason, "cannot take ACME");
  CAF_CHECK(y.last_death_ms >= seen.deaths[0].at_ms);
  CAF_CHECK_EQUAL(row(serial_of(parent)).restarts, 0u);
  auto gone = uut.inspect(dead);
  CAF_REQUIRE(!gone);
  CAF_CHECK(gone.error() == errc::bad_request);
  end(next);
}

CAF_TEST(whom nobody would start again is not ended) {
  auto answer = uut.restart(serial_of(parent));
  CAF_REQUIRE(!answer);
  CAF_CHECK(answer.error() == errc::bad_request);
  CAF_CHECK_NOT_EQUAL(text_of(answer.error()).find("probe symbol=parent"),
                      std::string::npos);
  consume_messages();
  CAF_CHECK_EQUAL(row(serial_of(parent)).kind, "probe");
}

CAF_TEST(a page of state is bounded and always an object) {
  state_page page;
  page.add("text", "a \"b\" \n\\ \xff")
      .add("real", 0.5)
      .add("on", true)
      .add("list", std::vector<std::string>{"a", "b"});
  CAF_CHECK_EQUAL(page.text(), "{\"text\":\"a \\\"b\\\"  \\\\  \",\"real\":0.5,"
                               "\"on\":true,\"list\":[\"a\",\"b\"]}");
  state_page large;
  for (int i = 0; i < 200; ++i)
    large.add("key" + std::to_string(i), std::string(1'000, 'x'));
  CAF_CHECK(large.text().size() < state_page::most_bytes + 1'000);
  CAF_CHECK_NOT_EQUAL(large.text().find("\"cut\":true"), std::string::npos);
  CAF_CHECK_EQUAL(state_page{}.text(), "{}");
}

CAF_TEST_FIXTURE_SCOPE_END()

namespace {

struct real_fixture {
  config cfg;
  caf::actor_system sys{cfg};
  introspector_actor uut = sys.spawn<caf::detached>(
      introspector, std::make_shared<node_introspection>("n1", &sys));

  ~real_fixture() { caf::anon_send_exit(uut, caf::exit_reason::kill); }

  template <class T, class... Ts>
  T ask(const Ts&... xs) {
    T result;
    caf::scoped_actor self{sys};
    self->request(uut, 10s, xs...)
        .receive([&](T& x) { result = std::move(x); },
                 [&](caf::error& x) { CAF_FAIL(sys.render(x)); });
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(introspector_tests, real_fixture)

CAF_TEST(an actor that hangs shows for how long while others answer) {
  std::promise<void> go;
  std::promise<void> began;
  // On the only thread that the scheduler has.
  auto hung = sys.spawn(stuck, go.get_future().share(), &began);
  auto serial = serial_of(hung);
  ask<actor_detail>(inspect_atom_v, serial);
  caf::anon_send(hung, acquire_atom_v, std::string{"x"});
  began.get_future().wait();
  caf::anon_send(hung, status_atom_v);
  std::this_thread::sleep_for(2ms);
  auto seen = ask<actor_detail>(inspect_atom_v, serial);
  CAF_CHECK(seen.handling_ms >= 2);
  CAF_CHECK_EQUAL(seen.handling_type, "acquire, str");
  CAF_CHECK_EQUAL(seen.actor.mailbox, 1u);
  auto all = ask<node_snapshot>(snapshot_atom_v, false);
  for (auto& x : all.actors)
    if (x.serial == serial)
      CAF_CHECK(x.handling_ms >= 2);
  go.set_value();
  caf::anon_send_exit(hung, caf::exit_reason::kill);
}

CAF_TEST(what crosses nodes survives the wire) {
  auto all = ask<node_snapshot>(snapshot_atom_v, true);
  CAF_REQUIRE(!all.actors.empty());
  CAF_CHECK_EQUAL(all.actors.back().kind, "introspector"); // itself
  CAF_CHECK_EQUAL(all.systems.size(), 1u);
}

CAF_TEST(a log line is kept with the actor that logged it) {
  auto& ring = log_ring::instance();
  auto after = ring.newest();
  for (size_t i = 0; i < log_ring::most_lines + 5; ++i)
    ring.add(std::chrono::system_clock::now(), "info", i == 7 ? 42 : 0,
             "event=tried n=" + std::to_string(i));
  auto page = ask<log_page>(logs_atom_v, after);
  CAF_REQUIRE_EQUAL(page.lines.size(), log_ring::most_lines);
  CAF_CHECK_EQUAL(page.lines[2].actor, 42u);
  CAF_CHECK_EQUAL(page.lines[2].text, "event=tried n=7");
  CAF_CHECK_EQUAL(page.next, after + log_ring::most_lines + 5);
  CAF_CHECK(ask<log_page>(logs_atom_v, page.next).lines.empty());
  ring.add(std::chrono::system_clock::now(), "info", 0,
           std::string(100'000, 'x'));
  auto cut = ask<log_page>(logs_atom_v, page.next);
  CAF_REQUIRE_EQUAL(cut.lines.size(), 1u);
  CAF_CHECK(cut.lines[0].text.size() < log_ring::longest + 10);
}

CAF_TEST_FIXTURE_SCOPE_END()
