#define CAF_SUITE node_supervisor

#include "actors/node_supervisor.hpp"

#include "messages/setup.hpp"

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

/// The neighbours of a supervisor, recording what they are told.
struct script {
  std::vector<shard_loss> lost;
  std::vector<shard_loss> revoked;
  std::vector<std::int64_t> claims; // epochs
  std::vector<std::int64_t> closed; // feeds, by epoch
  std::vector<std::string> fetchers;
  std::vector<fetcher_actor> handles;
  std::vector<bool> pressure;
  bool fence = false;
  std::vector<node_report> beats;
  beat_answer answer{5, true};
};

coordinator_actor::behavior_type
scripted_coordinator(coordinator_actor::pointer, script* s) {
  return {
      [](register_atom, const node_spec&, const node_report&,
         const node_actor&) {
        return std::make_tuple(std::int64_t{1}, quota_actor{});
      },
      [s](beat_atom, const node_report& x) {
        s->beats.push_back(x);
        return s->answer;
      },
      [s](revoked_atom, const shard_loss& x) { s->revoked.push_back(x); },
      [s](lost_atom, const shard_loss& x) { s->lost.push_back(x); },
      [](leave_atom, const std::string&) { return true; },
      [](drain_atom, const std::string&, bool) { return std::int32_t{0}; },
      [](rebalance_atom, const move_question&) {
        return std::vector<planned_move>{};
      },
      [](nodes_atom) { return std::vector<registered_node>{}; },
      [](moves_atom) { return move_log{}; },
      [](pause_atom, const std::string&, bool) { return false; },
      [](masters_atom, const std::vector<master_status>&) {},
      [](tick_atom) {},
      [](status_atom) { return cluster_status{}; },
  };
}

postgres_writer_actor::behavior_type
scripted_writer(postgres_writer_actor::pointer, script* s) {
  return {
      [s](claim_atom, const shard_claim& x) -> caf::result<shard_state_ptr> {
        s->claims.push_back(x.epoch);
        if (s->fence)
          return caf::make_error(errc::fenced, std::string{"fenced"},
                                 x.epoch + 4);
        return std::make_shared<const shard_state>();
      },
      [](write_atom, const shard_write_ptr& x) { return x->next_offset; },
      [](load_atom, const day_request&) { return stored_days_ptr{}; },
      [](failure_atom, const record_failure&) { return std::int32_t{1}; },
  };
}

kafka_bridge_actor::behavior_type scripted_bridge(kafka_bridge_actor::pointer,
                                                  script* s) {
  return {
      [](open_feed_atom, std::int32_t, std::int64_t, std::int64_t,
         const aggregator_actor&) {},
      [s](close_feed_atom, std::int32_t, std::int64_t epoch) {
        s->closed.push_back(epoch);
      },
      [](grant_atom, std::int32_t, std::int64_t, std::int32_t) {},
      [](publish_atom, const outgoing_batch_ptr&) { return std::int64_t{0}; },
      [](poll_atom) {},
  };
}

fetcher_actor::behavior_type scripted_fetcher(fetcher_actor::pointer,
                                              script* s) {
  return {
      [](poll_atom) {},
      [s](pressure_atom, bool on) { s->pressure.push_back(on); },
      [](restart_atom, const caf::strong_actor_ptr&,
         const caf::strong_actor_ptr&) {},
      [](status_atom) { return std::string{"fine"}; },
  };
}

struct fixture : test_coordinator_fixture<config> {
  script s;
  coordinator_actor master = sys.spawn(scripted_coordinator, &s);
  postgres_writer_actor writer = sys.spawn(scripted_writer, &s);
  kafka_bridge_actor bridge = sys.spawn(scripted_bridge, &s);
  node_actor uut;

  fixture() {
    node_supervisor_options options;
    options.node = {"w1", "host", 1, 1};
    options.make_fetcher = [this](const ticker_spec& x, std::int64_t,
                                  const quota_actor&,
                                  const kafka_bridge_actor&) {
      s.fetchers.push_back(x.symbol);
      s.handles.push_back(sys.spawn(scripted_fetcher, &s));
      return s.handles.back();
    };
    uut = sys.spawn(node_supervisor, writer, bridge, options);
    // As if it had registered: the connection itself is the middleman's.
    state().coordinator = master;
    state().gate.follow(5);
    state().answered = std::chrono::steady_clock::now();
    consume_messages();
  }

  ~fixture() {
    s.handles.clear();
    for (auto x :
         {caf::actor_cast<caf::actor>(uut), caf::actor_cast<caf::actor>(master),
          caf::actor_cast<caf::actor>(writer),
          caf::actor_cast<caf::actor>(bridge)})
      caf::anon_send_exit(x, caf::exit_reason::kill);
    consume_messages();
  }

  node_supervisor_state& state() {
    return deref<observed_actor<node_actor, node_supervisor_state>>(uut).state;
  }

  shard_order order(std::int64_t epoch, std::int64_t term = 5) {
    return {term, 2, epoch, {{"TSLA", 60}, {"MSFT", 60}}};
  }

  void assign(const shard_order& x) {
    caf::anon_send(uut, assign_atom_v, x);
    consume_messages();
  }

  /// One round of reports, and one that acts on them.
  void beat_twice() {
    for (int i = 0; i < 2; ++i) {
      caf::anon_send(uut, beat_atom_v);
      consume_messages();
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(node_supervisor_tests, fixture)

CAF_TEST(an assigned shard is claimed and its tickers fetched) {
  assign(order(7));
  CAF_CHECK((s.claims == std::vector<std::int64_t>{7}));
  beat_twice();
  CAF_CHECK((s.fetchers == std::vector<std::string>{"TSLA", "MSFT"}));
}

CAF_TEST(an order of an older term is ignored) {
  assign(order(7, 4));
  CAF_CHECK(s.claims.empty());
}

CAF_TEST(an order that was carried out already is not carried out again) {
  assign(order(7));
  assign(order(7));
  assign(order(6));
  CAF_CHECK_EQUAL(s.claims.size(), 1u);
}

CAF_TEST(a revoked shard is confirmed when it is written) {
  assign(order(7));
  beat_twice();
  caf::anon_send(uut, revoke_atom_v, order(7));
  consume_messages();
  CAF_REQUIRE_EQUAL(s.revoked.size(), 1u);
  CAF_CHECK_EQUAL(s.revoked[0].epoch, 7);
  CAF_CHECK(s.lost.empty());
  CAF_CHECK(state().shards.empty());
  CAF_CHECK((s.closed == std::vector<std::int64_t>{7}));
}

CAF_TEST(a revoke of a shard that is not served is confirmed at once) {
  caf::anon_send(uut, revoke_atom_v, order(7));
  consume_messages();
  CAF_CHECK_EQUAL(s.revoked.size(), 1u);
}

CAF_TEST(a fenced shard is dropped and the newer epoch told) {
  s.fence = true;
  assign(order(7));
  CAF_REQUIRE_EQUAL(s.lost.size(), 1u);
  CAF_CHECK(s.lost[0].fenced);
  CAF_CHECK_EQUAL(s.lost[0].seen_epoch, 11);
  CAF_CHECK(state().shards.empty());
}

CAF_TEST(beats carry shards without their tickers and a status all of it) {
  assign(order(7));
  beat_twice();
  CAF_REQUIRE(!s.beats.empty());
  CAF_REQUIRE_EQUAL(s.beats.back().shards.size(), 1u);
  CAF_CHECK_EQUAL(s.beats.back().shards[0].epoch, 7);
  CAF_CHECK(s.beats.back().shards[0].tickers.empty());
  node_report full;
  auto answer = self->request(uut, 1s, status_atom_v);
  consume_messages();
  answer.receive([&](const node_report& x) { full = x; },
                 [&](const caf::error& x) { CAF_FAIL(sys.render(x)); });
  CAF_REQUIRE_EQUAL(full.shards.size(), 1u);
  CAF_CHECK_EQUAL(full.shards[0].tickers.size(), 2u);
}

CAF_TEST(a node that the master declared dead looks for a master again) {
  s.answer.registered = false;
  caf::anon_send(uut, beat_atom_v);
  consume_messages();
  CAF_CHECK(!state().coordinator);
}

CAF_TEST(a master of an older term is left and its shards go on) {
  assign(order(7));
  s.answer.term = 4;
  caf::anon_send(uut, beat_atom_v);
  consume_messages();
  CAF_CHECK(!state().coordinator);
  CAF_CHECK_EQUAL(state().shards.size(), 1u);
  CAF_CHECK(s.lost.empty());
}

CAF_TEST(a drained node says so when it registers again) {
  caf::anon_send(uut, drain_atom_v, true);
  consume_messages();
  CAF_CHECK(state().options.node.drained);
  caf::anon_send(uut, drain_atom_v, false);
  consume_messages();
  CAF_CHECK(!state().options.node.drained);
}

CAF_TEST(a fetcher that fails is started again after a wait) {
  assign(order(7));
  beat_twice();
  CAF_REQUIRE_EQUAL(s.handles.size(), 2u);
  caf::anon_send_exit(s.handles[0], caf::exit_reason::kill);
  consume_messages();
  auto& shard = state().shards.begin()->second;
  CAF_CHECK_EQUAL(shard.fetchers.size(), 1u);
  beat_twice();
  CAF_CHECK_EQUAL(s.fetchers.size(), 2u); // not yet
  shard.not_before.clear();               // as if the wait were over
  beat_twice();
  CAF_REQUIRE_EQUAL(s.fetchers.size(), 3u);
  CAF_CHECK_EQUAL(s.fetchers[2], "TSLA");
}

CAF_TEST(a shard that is far behind holds its fetchers) {
  assign(order(7));
  beat_twice();
  auto far_away = std::make_shared<record_batch>();
  far_away->shard = 2;
  far_away->epoch = 7;
  far_away->high_watermark = 1'000'000;
  caf::anon_send(state().shards.begin()->second.aggregator, records_atom_v,
                 record_batch_ptr{far_away});
  beat_twice();
  CAF_CHECK((s.pressure == std::vector<bool>{true, true}));
}

CAF_TEST(a paused ticker has no fetcher until it is resumed) {
  using symbols = std::vector<std::string>;
  auto pause = [&](const symbols& x) {
    caf::anon_send(uut, pause_atom_v, x);
    consume_messages();
  };
  pause({"MSFT"}); // as told at registration
  assign(order(7));
  beat_twice();
  CAF_CHECK_EQUAL(s.fetchers, symbols{"TSLA"});
  pause({"MSFT", "TSLA"});
  auto& shard = state().shards.begin()->second;
  CAF_CHECK(shard.fetchers.empty());
  beat_twice();
  CAF_CHECK_EQUAL(s.fetchers, symbols{"TSLA"});
  auto report = state().report();
  CAF_REQUIRE_EQUAL(report.shards.at(0).tickers.size(), 2u);
  for (auto& x : report.shards[0].tickers) {
    CAF_CHECK(x.paused);
    CAF_CHECK_EQUAL(x.fetcher, "paused by an operator");
  }
  pause({"MSFT"});
  beat_twice();
  CAF_CHECK_EQUAL(s.fetchers, (symbols{"TSLA", "TSLA"}));
  // It was no failure: nothing waits longer because of it.
  CAF_CHECK(shard.fetcher_deaths.empty());
}

CAF_TEST(a fetcher that an operator restarts comes back at once) {
  assign(order(7));
  beat_twice();
  CAF_REQUIRE_EQUAL(s.handles.size(), 2u);
  self->send_exit(s.handles[0], restart_error());
  consume_messages();
  beat_twice();
  CAF_REQUIRE_EQUAL(s.fetchers.size(), 3u);
  CAF_CHECK_EQUAL(s.fetchers[2], "TSLA");
  CAF_CHECK_EQUAL(state().shards.begin()->second.fetcher_deaths["TSLA"], 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
