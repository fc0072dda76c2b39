#define CAF_SUITE messages

#include "messages/coordinator.hpp"
#include "messages/setup.hpp"

#include <caf/test/dsl.hpp>

using namespace tickerflow;

namespace {

struct config : caf::actor_system_config {
  config() { add_messages(*this); }
};

using fixture = test_coordinator_fixture<config>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(messages_tests, fixture)

// What cannot be serialised is lost between nodes without a word: so every
// type that crosses them makes the trip here.

CAF_TEST(control messages survive the wire) {
  node_spec node{"w1", "host", 42, 3};
  auto n = roundtrip(node);
  CAF_CHECK_EQUAL(n.name, "w1");
  CAF_CHECK_EQUAL(n.pid, 42);
  CAF_CHECK_EQUAL(n.weight, 3);
  shard_order order{5, 6, 7, {{"TSLA", 60}, {"MSFT", 300}}};
  auto o = roundtrip(order);
  CAF_CHECK_EQUAL(o.term, 5);
  CAF_CHECK_EQUAL(o.epoch, 7);
  CAF_REQUIRE_EQUAL(o.tickers.size(), 2u);
  CAF_CHECK_EQUAL(o.tickers[1].symbol, "MSFT");
  CAF_CHECK_EQUAL(o.tickers[1].interval_s, 300);
  shard_loss loss{"w1", 6, 7, 8, true, "fenced"};
  auto l = roundtrip(loss);
  CAF_CHECK(l.fenced);
  CAF_CHECK_EQUAL(l.seen_epoch, 8);
  api_permit permit{true, 1500, "slow"};
  auto p = roundtrip(permit);
  CAF_CHECK(p.granted);
  CAF_CHECK_EQUAL(p.wait_ms, 1500);
  api_refusal refusal{"TSLA", 2, 60000, "text"};
  auto r = roundtrip(refusal);
  CAF_CHECK_EQUAL(r.kind, 2);
  CAF_CHECK_EQUAL(r.retry_after_ms, 60000);
}

CAF_TEST(a cluster status survives the wire with all its parts) {
  cluster_status x;
  x.term = 3;
  node_status node;
  node.spec = {"w1", "h", 1, 1, true, 1600000000000};
  node.last_beat_ms = 12;
  node.queues.push_back({"mailbox postgres_writer", 1, 3, 8});
  x.nodes.push_back(node);
  x.masters.push_back({"m1", "h:4711", true, 250});
  shard_status shard;
  shard.owner = "w1";
  shard.report.shard = 2;
  shard.report.lag = 99;
  shard.report.tickers.push_back({"TSLA", 1600000000, 4241000, 7, "waits"});
  x.shards.push_back(shard);
  x.budget.used_today = 11;
  auto y = roundtrip(x);
  CAF_REQUIRE_EQUAL(y.nodes.size(), 1u);
  CAF_CHECK_EQUAL(y.nodes[0].last_beat_ms, 12);
  CAF_CHECK(y.nodes[0].spec.drained);
  CAF_CHECK_EQUAL(y.nodes[0].spec.started_ms, 1600000000000);
  CAF_REQUIRE_EQUAL(y.nodes[0].queues.size(), 1u);
  CAF_CHECK_EQUAL(y.nodes[0].queues[0].highest, 3);
  CAF_REQUIRE_EQUAL(y.masters.size(), 1u);
  CAF_CHECK(y.masters[0].leading);
  CAF_CHECK_EQUAL(y.masters[0].seen_ms, 250);
  CAF_REQUIRE_EQUAL(y.shards.size(), 1u);
  CAF_CHECK_EQUAL(y.shards[0].report.lag, 99);
  CAF_REQUIRE_EQUAL(y.shards[0].report.tickers.size(), 1u);
  CAF_CHECK_EQUAL(y.shards[0].report.tickers[0].fetcher, "waits");
  CAF_CHECK_EQUAL(y.budget.used_today, 11);
}

CAF_TEST(questions about moves and their answers survive the wire) {
  move_question question{true, {"w1"}, {{"w2", "h", 1, 3}}};
  auto q = roundtrip(question);
  CAF_CHECK(q.carry_out);
  CAF_CHECK_EQUAL(q.without, question.without);
  CAF_REQUIRE_EQUAL(q.with.size(), 1u);
  CAF_CHECK_EQUAL(q.with[0].weight, 3);
  std::vector<planned_move> moves{{4, "w1", "w2", "share"}};
  auto m = roundtrip(moves);
  CAF_REQUIRE_EQUAL(m.size(), 1u);
  CAF_CHECK_EQUAL(m[0].to, "w2");
  auto b = roundtrip(beat_answer{3, true});
  CAF_CHECK_EQUAL(b.term, 3);
  CAF_CHECK(b.registered);
}

CAF_TEST(errors keep their code and text between nodes) {
  auto x = failure(errc::fenced, "another node owns it");
  auto y = roundtrip(x);
  CAF_CHECK(y == errc::fenced);
  CAF_CHECK_EQUAL(text_of(y), "another node owns it");
}

CAF_TEST(an error is rendered with its name) {
  CAF_CHECK_NOT_EQUAL(sys.render(failure(errc::refused, "x")).find("refused"),
                      std::string::npos);
}

CAF_TEST(what a node tells of its actors survives the wire) {
  node_snapshot x;
  x.node = "w1";
  x.systems = {"ABCD#1"};
  actor_snapshot actor;
  actor.serial = 7;
  actor.kind = "aggregator";
  actor.labels = {{"shard", "3"}};
  actor.handled_within = {1, 2, 3};
  actor.last_death_reason = "fenced";
  x.actors.push_back(actor);
  x.deaths.push_back({6, "aggregator", {{"shard", "3"}}, 1, 2, "fenced"});
  x.edges.push_back({0, "ABCD#2/9", 7, 12});
  auto y = roundtrip(x);
  CAF_REQUIRE_EQUAL(y.actors.size(), 1u);
  CAF_CHECK_EQUAL(y.actors[0].labels, actor.labels);
  CAF_CHECK_EQUAL(y.actors[0].handled_within, actor.handled_within);
  CAF_CHECK_EQUAL(y.actors[0].last_death_reason, "fenced");
  CAF_CHECK_EQUAL(y.deaths.at(0).reason, "fenced");
  CAF_CHECK_EQUAL(y.edges.at(0).messages, 12u);
  CAF_CHECK_EQUAL(y.systems, x.systems);
  actor_detail detail;
  detail.actor = actor;
  detail.state_json = "{}";
  detail.messages.push_back({1, "publish", 4, "", 5});
  detail.relations.push_back({"monitors", 9, "fetcher"});
  detail.senders.push_back({0, "(thread)", 3});
  detail.can_restart = true;
  auto d = roundtrip(detail);
  CAF_CHECK_EQUAL(d.messages.at(0).type, "publish");
  CAF_CHECK_EQUAL(d.relations.at(0).serial, 9u);
  CAF_CHECK_EQUAL(d.senders.at(0).messages, 3u);
  CAF_CHECK(d.can_restart);
  log_page page{9, {{9, 1, "info", 7, "event=tried"}}};
  CAF_CHECK_EQUAL(roundtrip(page).lines.at(0).text, "event=tried");
  move_log moves{{{1, 2, "a", "b", 3, "share"}}, {{1, "a", 2, 3, 4, "fenced"}}};
  auto m = roundtrip(moves);
  CAF_CHECK_EQUAL(m.moves.at(0).to, "b");
  CAF_CHECK_EQUAL(m.fences.at(0).seen_epoch, 4);
  auto n = roundtrip(std::vector<registered_node>{{"w1", node_actor{}}});
  CAF_CHECK_EQUAL(n.at(0).name, "w1");
}

CAF_TEST_FIXTURE_SCOPE_END()
