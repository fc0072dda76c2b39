#define CAF_SUITE coordinator

#include "actors/coordinator.hpp"

#include "market/shard.hpp"
#include "messages/setup.hpp"

#include <caf/test/dsl.hpp>

#include <thread>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

struct config : caf::actor_system_config {
  config() { add_messages(*this); }
};

/// A worker that records its orders, and confirms revokes if it is told to.
struct script {
  std::vector<shard_order> assigned;
  std::vector<shard_order> revoked;
  std::vector<bool> drained;
  std::vector<std::vector<std::string>> paused; // as told
  node_report report; // what it answers to a status
};

node_actor::behavior_type scripted_node(node_actor::pointer, script* s) {
  return {
      [s](assign_atom, const shard_order& x) { s->assigned.push_back(x); },
      [s](revoke_atom, const shard_order& x) { s->revoked.push_back(x); },
      [](link_atom) {},
      [](beat_atom) {},
      [](leave_atom) { return true; },
      [s](drain_atom, bool on) { s->drained.push_back(on); },
      [](restart_atom) {},
      [s](pause_atom, const std::vector<std::string>& x) {
        s->paused.push_back(x);
      },
      [](introspect_atom) { return introspector_actor{}; },
      [s](status_atom) { return s->report; },
  };
}

quota_actor::behavior_type scripted_quota(quota_actor::pointer) {
  return {
      [](acquire_atom, const std::string&) { return api_permit{}; },
      [](refused_atom, const api_refusal&) {},
      [](status_atom) {
        budget_status x;
        x.used_today = 7;
        return x;
      },
  };
}

/// Stores in memory, or cannot.
struct shelf {
  bool away = false;
  std::vector<std::pair<std::string, bool>> stored;
};

ticker_keeper_actor::behavior_type scripted_keeper(ticker_keeper_actor::pointer,
                                                   shelf* s) {
  return {
      [s](pause_atom, const std::string& symbol, bool on) -> caf::result<bool> {
        if (s->away)
          return failure(errc::unavailable, "no server");
        s->stored.emplace_back(symbol, on);
        return on;
      }};
}

struct fixture : test_coordinator_fixture<config> {
  shelf kept;
  ticker_keeper_actor keeper = sys.spawn(scripted_keeper, &kept);
  script a;
  script b;
  node_actor node_a = sys.spawn(scripted_node, &a);
  node_actor node_b = sys.spawn(scripted_node, &b);
  quota_actor budget = sys.spawn(scripted_quota);
  coordinator_actor uut;

  fixture() {
    coordinator_options options;
    options.term = 3;
    options.shards = {{5, ""}, {5, ""}, {5, ""}, {5, ""}};
    options.tickers = {{"TSLA", 60}, {"MSFT", 60}, {"GOOGL", 60}};
    options.paused = {"GOOGL"};
    options.keeper = keeper;
    // The table's clock is the real one: nothing here waits for it.
    options.limits.settle = 0ms;
    uut = sys.spawn(coordinator, budget, options);
    consume_messages();
  }

  ~fixture() {
    for (auto x :
         {caf::actor_cast<caf::actor>(uut), caf::actor_cast<caf::actor>(node_a),
          caf::actor_cast<caf::actor>(node_b),
          caf::actor_cast<caf::actor>(budget),
          caf::actor_cast<caf::actor>(keeper)})
      caf::anon_send_exit(x, caf::exit_reason::kill);
    consume_messages();
  }

  void join(const std::string& name, const node_actor& node,
            node_report held = {}) {
    held.name = name;
    auto answer = self->request(uut, 1s, register_atom_v,
                                node_spec{name, "host", 1, 1}, held, node);
    consume_messages();
    std::int64_t term = 0;
    answer.receive(
        [&](std::int64_t x, const quota_actor& quota) {
          term = x;
          CAF_CHECK(quota == budget);
        },
        [&](const caf::error& x) { CAF_FAIL(sys.render(x)); });
    CAF_CHECK_EQUAL(term, 3);
  }

  /// @returns whether it is paused; an error as its text
  std::string pause(const std::string& symbol, bool on) {
    auto answer = self->request(uut, 1s, pause_atom_v, symbol, on);
    consume_messages();
    std::string result;
    answer.receive([&](bool x) { result = x ? "paused" : "runs"; },
                   [&](const caf::error& x) { result = text_of(x); });
    return result;
  }

  move_log moves() {
    move_log result;
    auto answer = self->request(uut, 1s, moves_atom_v);
    consume_messages();
    answer.receive([&](const move_log& x) { result = x; },
                   [&](const caf::error& x) { CAF_FAIL(sys.render(x)); });
    return result;
  }

  cluster_status status() {
    cluster_status result;
    auto answer = self->request(uut, 1s, status_atom_v);
    consume_messages();
    answer.receive([&](const cluster_status& x) { result = x; },
                   [&](const caf::error& x) { CAF_FAIL(sys.render(x)); });
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(coordinator_tests, fixture)

CAF_TEST(the first worker is given every shard with a new epoch) {
  join("a", node_a);
  CAF_REQUIRE_EQUAL(a.assigned.size(), 4u);
  size_t tickers = 0;
  for (auto& x : a.assigned) {
    CAF_CHECK_EQUAL(x.term, 3);
    CAF_CHECK_EQUAL(x.epoch, 6); // above the stored one
    for (auto& ticker : x.tickers) {
      CAF_CHECK_EQUAL(shard_of(ticker.symbol, 4), x.shard);
      ++tickers;
    }
  }
  CAF_CHECK_EQUAL(tickers, 3u);
}

CAF_TEST(a second worker is given a shard only after the first let it go) {
  join("a", node_a);
  join("b", node_b);
  CAF_CHECK(b.assigned.empty());
  CAF_REQUIRE_EQUAL(a.revoked.size(), 2u);
  for (auto& x : a.revoked)
    self->send(uut, revoked_atom_v,
               shard_loss{"a", x.shard, x.epoch, 0, false, ""});
  consume_messages();
  CAF_REQUIRE_EQUAL(b.assigned.size(), 2u);
  for (auto& x : b.assigned)
    CAF_CHECK_EQUAL(x.epoch, 7);
}

CAF_TEST(the shards of a worker that dies go to the others at once) {
  join("a", node_a);
  join("b", node_b);
  for (auto& x : a.revoked)
    self->send(uut, revoked_atom_v,
               shard_loss{"a", x.shard, x.epoch, 0, false, ""});
  consume_messages();
  b.assigned.clear();
  caf::anon_send_exit(node_a, caf::exit_reason::kill);
  consume_messages();
  CAF_CHECK_EQUAL(b.assigned.size(), 2u);
  for (auto& x : status().shards)
    CAF_CHECK_EQUAL(x.owner, "b");
}

CAF_TEST(a worker that returns keeps what it serves) {
  node_report held;
  shard_report shard;
  shard.shard = 2;
  shard.epoch = 5;
  held.shards.push_back(shard);
  join("a", node_a, held);
  CAF_CHECK_EQUAL(a.assigned.size(), 3u); // not the one that it has
  for (auto& x : a.assigned)
    CAF_CHECK_NOT_EQUAL(x.shard, 2);
}

CAF_TEST(a beat is answered with whether the node is registered) {
  // The test's own actor stands for the worker: a beat counts by its sender.
  auto beat = [this](const std::string& name) {
    node_report x;
    x.name = name;
    beat_answer result;
    auto answer = self->request(uut, 1s, beat_atom_v, x);
    consume_messages();
    answer.receive([&](const beat_answer& y) { result = y; },
                   [&](const caf::error& y) { CAF_FAIL(sys.render(y)); });
    return result;
  };
  join("a", caf::actor_cast<node_actor>(self));
  CAF_CHECK(beat("a").registered);
  CAF_CHECK_EQUAL(beat("a").term, 3);
  CAF_CHECK(!beat("c").registered);
  join("b", node_b);
  CAF_CHECK(!beat("b").registered); // that is another process
}

CAF_TEST(a late leave of an earlier process does not move its successor) {
  join("a", node_a);
  a.revoked.clear();
  bool idle = false; // the test's own actor stands for the earlier process
  auto answer = self->request(uut, 1s, leave_atom_v, std::string{"a"});
  consume_messages();
  answer.receive([&](bool x) { idle = x; },
                 [&](const caf::error& x) { CAF_FAIL(sys.render(x)); });
  CAF_CHECK(idle);
  CAF_CHECK(a.revoked.empty());
  CAF_CHECK(!status().nodes[0].leaving);
}

CAF_TEST(a drained worker is emptied and told to remember it) {
  auto drain = [this](const std::string& name, bool on) {
    caf::expected<std::int32_t> result{0};
    auto answer = self->request(uut, 1s, drain_atom_v, name, on);
    consume_messages();
    answer.receive([&](std::int32_t x) { result = x; },
                   [&](caf::error& x) { result = std::move(x); });
    return result;
  };
  join("a", node_a);
  join("b", node_b);
  for (auto& x : a.revoked)
    self->send(uut, revoked_atom_v,
               shard_loss{"a", x.shard, x.epoch, 0, false, ""});
  consume_messages();
  CAF_CHECK_EQUAL(*drain("b", true), 2);
  CAF_CHECK((b.drained == std::vector<bool>{true}));
  CAF_REQUIRE_EQUAL(b.revoked.size(), 2u);
  for (auto& x : b.revoked)
    self->send(uut, revoked_atom_v,
               shard_loss{"b", x.shard, x.epoch, 0, false, ""});
  consume_messages();
  CAF_CHECK_EQUAL(*drain("b", true), 0);
  for (auto& x : status().shards)
    CAF_CHECK_EQUAL(x.owner, "a");
  auto unknown = drain("c", true);
  CAF_REQUIRE(!unknown);
  CAF_CHECK(unknown.error() == errc::bad_request);
}

CAF_TEST(a dry run says what would move and moves nothing) {
  join("a", node_a);
  move_question question;
  question.with.push_back({"b", "", 0, 1});
  std::vector<planned_move> moves;
  auto answer = self->request(uut, 1s, rebalance_atom_v, question);
  consume_messages();
  answer.receive([&](const std::vector<planned_move>& x) { moves = x; },
                 [&](const caf::error& x) { CAF_FAIL(sys.render(x)); });
  CAF_CHECK_EQUAL(moves.size(), 2u);
  for (auto& x : moves) {
    CAF_CHECK_EQUAL(x.from, "a");
    CAF_CHECK_EQUAL(x.to, "b");
  }
  CAF_CHECK(a.revoked.empty());
  question.without.push_back("typo");
  auto refused = self->request(uut, 1s, rebalance_atom_v, question);
  consume_messages();
  refused.receive([](const std::vector<planned_move>&) { CAF_FAIL("answered"); },
                  [](const caf::error& x) {
                    CAF_CHECK(x == errc::bad_request);
                  });
}

CAF_TEST(a fenced shard is given out above the epoch that fenced it) {
  join("a", node_a);
  a.assigned.clear();
  self->send(uut, lost_atom_v, shard_loss{"a", 1, 6, 40, true, "fenced"});
  consume_messages();
  CAF_REQUIRE_EQUAL(a.assigned.size(), 1u);
  CAF_CHECK_EQUAL(a.assigned[0].epoch, 41);
}

CAF_TEST(the status tells nodes shards tickers and the budget) {
  join("a", node_a);
  shard_report shard;
  shard.shard = 0;
  shard.epoch = 6;
  shard.lag = 11;
  shard.state = "running";
  a.report.shards.push_back(shard);
  auto x = status();
  CAF_CHECK_EQUAL(x.term, 3);
  CAF_REQUIRE_EQUAL(x.nodes.size(), 1u);
  CAF_CHECK(x.nodes[0].alive);
  CAF_CHECK_EQUAL(x.nodes[0].shards, 4);
  CAF_REQUIRE_EQUAL(x.shards.size(), 4u);
  CAF_CHECK_EQUAL(x.shards[0].report.lag, 11);
  CAF_CHECK_EQUAL(x.budget.used_today, 7);
  // A shard that was not reported yet shows its tickers all the same.
  size_t tickers = 0;
  for (auto& y : x.shards)
    if (y.report.shard != 0)
      tickers += y.report.tickers.size();
  CAF_CHECK_GREATER(tickers, 0u);
}

CAF_TEST(every worker is told which tickers are paused) {
  join("a", node_a);
  // As the database had it when this master began to lead.
  CAF_REQUIRE_EQUAL(a.paused.size(), 1u);
  CAF_CHECK_EQUAL(a.paused[0], std::vector<std::string>{"GOOGL"});
  CAF_CHECK_EQUAL(pause("TSLA", true), "paused");
  CAF_REQUIRE_EQUAL(a.paused.size(), 2u);
  CAF_CHECK_EQUAL(a.paused[1], (std::vector<std::string>{"GOOGL", "TSLA"}));
  CAF_CHECK_EQUAL(pause("GOOGL", false), "runs");
  join("b", node_b);
  CAF_REQUIRE(!b.paused.empty());
  CAF_CHECK_EQUAL(b.paused.back(), std::vector<std::string>{"TSLA"});
  CAF_CHECK_EQUAL(kept.stored.size(), 2u);
  int paused = 0;
  for (auto& shard : status().shards)
    for (auto& x : shard.report.tickers) {
      CAF_CHECK_EQUAL(x.paused, x.symbol == "TSLA");
      paused += x.paused;
    }
  CAF_CHECK_EQUAL(paused, 1);
}

CAF_TEST(a pause that is not stored is not told) {
  join("a", node_a);
  kept.away = true;
  CAF_CHECK_EQUAL(pause("TSLA", true), "no server");
  CAF_CHECK_EQUAL(a.paused.size(), 1u);
  CAF_CHECK_NOT_EQUAL(pause("ACME", true).find("no ticker ACME"),
                      std::string::npos);
}

CAF_TEST(moves and fences are remembered newest first) {
  join("a", node_a);
  auto first = moves();
  CAF_REQUIRE_EQUAL(first.moves.size(), 4u);
  for (auto& x : first.moves) {
    CAF_CHECK_EQUAL(x.from, "");
    CAF_CHECK_EQUAL(x.to, "a");
    CAF_CHECK_EQUAL(x.epoch, 6);
    CAF_CHECK(x.at_ms > 0);
  }
  join("b", node_b);
  auto revoked = a.revoked.at(0);
  self->send(uut, revoked_atom_v,
             shard_loss{"a", revoked.shard, revoked.epoch, 0, false, ""});
  consume_messages();
  auto second = moves();
  CAF_REQUIRE_EQUAL(second.moves.size(), 5u);
  CAF_CHECK_EQUAL(second.moves[0].shard, revoked.shard);
  CAF_CHECK_EQUAL(second.moves[0].from, "a");
  CAF_CHECK_EQUAL(second.moves[0].to, "b");
  CAF_CHECK(second.fences.empty());
  self->send(uut, lost_atom_v,
             shard_loss{"b", revoked.shard, 7, 9, true, "fenced"});
  consume_messages();
  auto third = moves();
  CAF_REQUIRE_EQUAL(third.fences.size(), 1u);
  CAF_CHECK_EQUAL(third.fences[0].node, "b");
  CAF_CHECK_EQUAL(third.fences[0].seen_epoch, 9);
}

CAF_TEST(a shard that nobody can take over is a move to nobody) {
  join("a", node_a);
  self->send_exit(node_a, caf::exit_reason::kill);
  consume_messages();
  auto seen = moves();
  CAF_REQUIRE_EQUAL(seen.moves.size(), 8u);
  CAF_CHECK_EQUAL(seen.moves[0].from, "a");
  CAF_CHECK_EQUAL(seen.moves[0].to, "");
}

CAF_TEST(whoever wants to ask the workers is told who they are) {
  join("b", node_b);
  join("a", node_a);
  auto answer = self->request(uut, 1s, nodes_atom_v);
  consume_messages();
  std::vector<registered_node> nodes;
  answer.receive([&](const std::vector<registered_node>& x) { nodes = x; },
                 [&](const caf::error& x) { CAF_FAIL(sys.render(x)); });
  CAF_REQUIRE_EQUAL(nodes.size(), 2u);
  CAF_CHECK_EQUAL(nodes[0].name, "a");
  CAF_CHECK(nodes[0].supervisor == node_a);
}

CAF_TEST_FIXTURE_SCOPE_END()
