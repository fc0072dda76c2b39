#define CAF_SUITE supervision

#include "actors/node_introspection.hpp"
#include "messages/setup.hpp"
#include "test/supervision_script.hpp"

#include <caf/io/middleman.hpp>
#include <caf/test/dsl.hpp>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

struct config : caf::actor_system_config {
  config() {
    load<caf::io::middleman>();
    add_messages(*this);
  }
};

/// One node of one shard, without a master.
struct node {
  caf::actor_system& system;
  script* s;
  node_actor supervisor;
  std::vector<postgres_writer_actor> writers; // as they were made
  std::vector<kafka_bridge_actor> bridges;
  std::vector<caf::error> gave_up;
  std::function<void(const raw_record&)> on_record;
  /// Takes the place of the writer's factory.
  std::function<caf::strong_actor_ptr()> make_writer;

  node(caf::actor_system& sys, script* x) : system(sys), s(x) {
    make_writer = [this] {
      writers.push_back(system.spawn(scripted_writer, s));
      return caf::actor_cast<caf::strong_actor_ptr>(writers.back());
    };
  }

  void start(const std::string& name) {
    neighbour writer;
    writer.kind = "postgres_writer";
    writer.make = make_writer;
    writer.handle = make_writer();
    neighbour bridge;
    bridge.kind = "kafka_bridge";
    bridge.make = [this] {
      bridges.push_back(system.spawn(scripted_bridge, s));
      return caf::actor_cast<caf::strong_actor_ptr>(bridges.back());
    };
    bridge.handle = bridge.make();
    node_supervisor_options options;
    options.node.name = name;
    options.aggregator.on_record = on_record;
    options.gives_up = [this](const caf::error& x) { gave_up.push_back(x); };
    auto first = caf::actor_cast<postgres_writer_actor>(writer.handle);
    options.neighbours = {writer, bridge};
    supervisor = system.spawn(node_supervisor, first, bridges.back(), options);
  }

  node_supervisor_state& state() {
    return dynamic_cast<observed_actor<node_actor, node_supervisor_state>&>(
               *caf::actor_cast<caf::abstract_actor*>(supervisor))
        .state;
  }

  void stop() { caf::anon_send_exit(supervisor, caf::exit_reason::kill); }
};

struct fixture : test_coordinator_fixture<config> {
  script s;
  node one{sys, &s};
  node two{sys, &s};

  ~fixture() {
    for (auto x : {&one, &two})
      if (x->supervisor)
        x->stop();
    consume_messages();
  }

  void serve(node& x, const std::string& name, std::int64_t epoch) {
    if (!x.supervisor)
      x.start(name);
    caf::anon_send(x.supervisor, assign_atom_v,
                   shard_order{1, 0, epoch, {{"TSLA", 60}}});
    consume_messages();
  }

  /// Timers of a linger, a retry, a restart.
  void let_pass(std::chrono::milliseconds time) {
    for (; time > 0ms; time -= 20ms) {
      advance_time(20ms);
      consume_messages();
    }
  }

  void fill_topic(int minutes) {
    for (int i = 0; i < minutes; ++i)
      s.topic.push_back(minute_event(i));
  }

  /// All are there once but the one.
  void check_bars(size_t count) {
    CAF_CHECK_EQUAL(s.bars.size(), count);
    for (auto& [start, times] : s.bars)
      CAF_CHECK_EQUAL(times, 1);
    CAF_CHECK_EQUAL(s.next_offset, static_cast<std::int64_t>(s.topic.size()));
  }

  static auto throw_at(std::int64_t offset, int* calls = nullptr) {
    return [=](const raw_record& x) {
      if (x.offset != offset)
        return;
      if (calls)
        ++*calls;
      throw std::runtime_error("cannot fold it");
    };
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(supervision_tests, fixture)

CAF_TEST(waits double and too many failures in a span are the end) {
  restart_policy uut;
  restart_policy::time t{};
  for (auto wait : {100ms, 200ms, 400ms, 800ms, 1600ms}) {
    CAF_CHECK(uut.failed(t) == wait);
    t += 1s;
  }
  CAF_CHECK(!uut.failed(t));
  CAF_CHECK(uut.failed(t + 1min)); // the first ones are forgotten
}

CAF_TEST(a writer that fails is replaced and its shard goes on) {
  fill_topic(10);
  serve(one, "one", 1);
  caf::anon_send_exit(one.writers[0], caf::exit_reason::kill);
  let_pass(100ms);
  CAF_CHECK(s.bars.empty()); // nobody to write
  let_pass(1s);
  CAF_CHECK_EQUAL(one.writers.size(), 2u);
  check_bars(10);
  CAF_CHECK_EQUAL(s.claims, 1); // the shard was not lost
  CAF_CHECK_EQUAL(s.feeds, 1);
}

CAF_TEST(a write that ended the writer is written by the next one) {
  fill_topic(10);
  s.writer_throws = 1;
  serve(one, "one", 1);
  let_pass(2s);
  CAF_CHECK_EQUAL(one.writers.size(), 2u);
  check_bars(10);
}

CAF_TEST(a bridge that fails is replaced and read from where it stopped) {
  fill_topic(35);
  serve(one, "one", 1);
  let_pass(100ms);
  CAF_CHECK_EQUAL(s.bars.size(), 35u);
  caf::anon_send_exit(one.bridges[0], caf::exit_reason::kill);
  consume_messages();
  for (int i = 35; i < 200; ++i)
    s.topic.push_back(minute_event(i));
  let_pass(2s);
  CAF_CHECK_EQUAL(s.feeds, 2);
  CAF_CHECK_EQUAL(s.claims, 1);
  check_bars(200); // 20 batches: credit comes back from the new bridge as well
}

CAF_TEST(credit of a bridge that failed is not given to the next one) {
  fill_topic(35);
  // It dies while its records wait to be stored.
  s.refuse = [](const shard_write&) {
    return failure(errc::unavailable, "away");
  };
  serve(one, "one", 1);
  let_pass(100ms);
  caf::anon_send_exit(one.bridges[0], caf::exit_reason::kill);
  let_pass(1s);
  CAF_CHECK_EQUAL(s.feeds, 2);
  s.refuse = nullptr;
  let_pass(12s);
  check_bars(35);
  CAF_CHECK_EQUAL(s.credit, aggregator_options{}.credit);
}

CAF_TEST(batches of a bridge that failed are not taken after the next one) {
  fill_topic(20);
  serve(one, "one", 1);
  let_pass(100ms);
  // As if its last batch came late: there would be a gap before it.
  auto late = std::make_shared<record_batch>();
  late->epoch = 1;
  auto text = minute_event(100);
  late->records.push_back({100, "TSLA", text});
  auto old = one.bridges[0];
  caf::anon_send_exit(old, caf::exit_reason::kill);
  let_pass(1s);
  caf::send_as(old, one.state().shards.at(0).aggregator, records_atom_v,
               record_batch_ptr{late});
  let_pass(100ms);
  CAF_CHECK_EQUAL(s.next_offset, 20);
}

CAF_TEST(an aggregator that fails claims the same epoch again) {
  fill_topic(10);
  serve(one, "one", 1);
  let_pass(100ms);
  caf::anon_send_exit(one.state().shards.at(0).aggregator,
                      caf::exit_reason::kill);
  consume_messages();
  CAF_CHECK_EQUAL(s.claims, 1);
  for (int i = 10; i < 20; ++i)
    s.topic.push_back(minute_event(i));
  let_pass(500ms);
  CAF_CHECK_EQUAL(s.claims, 2);
  CAF_CHECK_EQUAL(s.epoch, 1);
  check_bars(20);
}

CAF_TEST(a fenced aggregator is not started again) {
  serve(one, "one", 1);
  s.epoch = 2;
  s.owner = "another";
  fill_topic(1);
  caf::anon_send(one.bridges[0], poll_atom_v);
  let_pass(1s);
  CAF_CHECK(one.state().shards.empty());
  CAF_CHECK_EQUAL(s.claims, 1);
}

CAF_TEST(a record at which an aggregator fails three times is passed) {
  fill_topic(100);
  int calls = 0;
  one.on_record = throw_at(42, &calls);
  serve(one, "one", 1);
  let_pass(1s);
  CAF_CHECK_EQUAL(calls, 3);
  check_bars(99);
  CAF_REQUIRE_EQUAL(s.letters.size(), 1u);
  CAF_CHECK_EQUAL(s.letters[0].offset, 42);
  CAF_CHECK_EQUAL(s.letters[0].reason, "poison");
  CAF_CHECK_EQUAL(s.letters[0].detail, "cannot fold it");
  CAF_CHECK_EQUAL(s.letters[0].payload, minute_event(42));
  CAF_CHECK(s.failures.empty());
  CAF_CHECK(one.gave_up.empty());
}

CAF_TEST(failures at a record on several nodes add up) {
  fill_topic(100);
  int calls = 0;
  one.on_record = throw_at(42, &calls);
  two.on_record = throw_at(42, &calls);
  // It dies at the second failure, before it can start another aggregator.
  one.on_record = [&](const raw_record& x) {
    if (calls == 1 && x.offset == 42)
      one.stop();
    throw_at(42, &calls)(x);
  };
  serve(one, "one", 1);
  let_pass(100ms);
  CAF_REQUIRE_EQUAL(calls, 2);
  CAF_CHECK_EQUAL(s.failures[42].failures, 2);
  CAF_CHECK_EQUAL(s.next_offset, 42); // those before it are stored
  serve(two, "two", 2);
  let_pass(1s);
  CAF_CHECK_EQUAL(calls, 3);
  check_bars(99);
  CAF_CHECK_EQUAL(s.letters.size(), 1u);
}

CAF_TEST(many poisonous records in a row do not make a node give up) {
  fill_topic(60);
  one.on_record = [](const raw_record& x) {
    if (x.offset >= 20 && x.offset < 40)
      throw std::runtime_error("no");
  };
  serve(one, "one", 1);
  let_pass(10s);
  check_bars(40);
  CAF_CHECK_EQUAL(s.letters.size(), 20u);
  CAF_CHECK(one.gave_up.empty());
}

CAF_TEST(the record that PostgreSQL refuses is found and passed) {
  fill_topic(300);
  auto bad = format_rfc3339(*parse_rfc3339("2020-11-02T14:30:00Z") + 117min);
  s.refuse = [&](const shard_write& x) -> caf::error {
    for (auto& bar : x.changes.bars)
      if (format_rfc3339(bar.value.start) == bad)
        return failure(errc::malformed_record, "value out of range [22003]");
    return caf::none;
  };
  serve(one, "one", 1);
  let_pass(20s);
  check_bars(299);
  CAF_REQUIRE_EQUAL(s.letters.size(), 1u);
  CAF_CHECK_EQUAL(s.letters[0].offset, 117);
  CAF_CHECK_EQUAL(s.letters[0].detail, "value out of range [22003]");
  // Halving 300 takes 9 steps, then it fails alone.
  CAF_CHECK_LESS_OR_EQUAL(s.refused, 12);
  CAF_CHECK(one.gave_up.empty());
}

CAF_TEST(rows that were not expected are no reason to lose a record) {
  fill_topic(50);
  // Stale state once: what is in memory is made anew from the database.
  int times = 1;
  s.refuse = [&](const shard_write&) -> caf::error {
    return times-- > 0 ? failure(errc::stale_state, "duplicate key")
                       : caf::error{};
  };
  serve(one, "one", 1);
  let_pass(2s);
  check_bars(50);
  CAF_CHECK(s.letters.empty());
}

CAF_TEST(a neighbour that fails too often makes the node give up once) {
  serve(one, "one", 1);
  for (int i = 0; i < 10 && one.gave_up.empty(); ++i) {
    caf::anon_send_exit(one.writers.back(), caf::exit_reason::kill);
    let_pass(2s);
  }
  CAF_CHECK_EQUAL(one.gave_up.size(), 1u);
  CAF_CHECK_EQUAL(one.writers.size(), 6u); // the first and five more
}

CAF_TEST(a setting that cannot work makes the node give up at once) {
  serve(one, "one", 1);
  self->send_exit(one.bridges[0], failure(errc::bad_setting, "no such thing"));
  consume_messages();
  CAF_REQUIRE_EQUAL(one.gave_up.size(), 1u);
  CAF_CHECK(one.gave_up[0] == errc::bad_setting);
  CAF_CHECK_EQUAL(one.bridges.size(), 1u);
}

CAF_TEST(a node that gave up still hands its shards over) {
  fill_topic(10);
  serve(one, "one", 1);
  self->send_exit(one.bridges[0], failure(errc::bad_setting, "no such thing"));
  consume_messages();
  auto answer = self->request(one.supervisor, 10s, leave_atom_v);
  let_pass(1s);
  bool left = false;
  answer.receive([&](bool x) { left = x; }, [](const caf::error&) {});
  CAF_CHECK(left);
  check_bars(10); // what was taken is written
}

CAF_TEST(queues are reported with bounds that hold) {
  fill_topic(300);
  serve(one, "one", 1);
  let_pass(1s);
  caf::anon_send(one.supervisor, beat_atom_v);
  auto answer = self->request(one.supervisor, 1s, status_atom_v);
  consume_messages();
  node_report report;
  answer.receive([&](const node_report& x) { report = x; },
                 [](const caf::error&) {});
  std::map<std::string, queue_report> queues;
  for (auto& x : report.queues)
    queues[x.name] = x;
  for (auto name :
       {"mailbox aggregator", "mailbox node_supervisor", "aggregator_records"})
    CAF_CHECK(queues.count(name) == 1 && queues[name].highest > 0);
  for (auto& [name, x] : queues)
    CAF_CHECK_LESS_OR_EQUAL(x.highest, x.bound);
}

CAF_TEST(an operator restarts an aggregator as often as he wants) {
  fill_topic(100);
  serve(one, "one", 1);
  node_introspection uut{"one", &sys};
  auto serial = [&] {
    node_introspection fresh{"one", &sys};
    for (auto& x : fresh.snapshot(false).actors)
      if (x.kind == "aggregator")
        return x;
    CAF_FAIL("no aggregator");
    return actor_snapshot{};
  };
  auto before = serial().restarts;
  constexpr int times = 8; // more than failures are borne
  for (int i = 0; i < times; ++i) {
    auto x = serial();
    auto seen = uut.inspect(x.serial);
    CAF_REQUIRE(seen);
    CAF_CHECK(seen->can_restart);
    CAF_REQUIRE(uut.restart(x.serial));
    consume_messages();
    auto next = serial();
    CAF_CHECK(next.serial != x.serial);
    CAF_CHECK_EQUAL(next.last_death_reason, "restarted by an operator");
    CAF_CHECK_EQUAL(next.labels, x.labels);
  }
  CAF_CHECK_EQUAL(serial().restarts, before + times);
  let_pass(1s);
  check_bars(100);
  CAF_CHECK(one.gave_up.empty());
  CAF_CHECK_EQUAL(s.epoch, 1);
  CAF_CHECK_EQUAL(one.state().shards.begin()->second.restarts.recent(), 0u);
}

CAF_TEST(a neighbour that an operator restarts is no failure) {
  fill_topic(50);
  serve(one, "one", 1);
  for (int i = 0; i < 8; ++i) {
    self->send_exit(one.writers.back(), restart_error());
    consume_messages();
  }
  CAF_CHECK_EQUAL(one.writers.size(), 9u);
  let_pass(1s);
  check_bars(50);
  CAF_CHECK(one.gave_up.empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
