#include "nodes/leading.hpp"

#include "actors/coordinator.hpp"
#include "actors/leadership_keeper.hpp"
#include "actors/ticker_keeper.hpp"
#include "io/postgres/leadership.hpp"
#include "io/settings/machine_defaults.hpp"
#include "nodes/console/leader_seat.hpp"
#include "nodes/fetching.hpp"
#include "nodes/node_link.hpp"
#include "nodes/process.hpp"
#include "nodes/watched_actor.hpp"

#include <caf/io/all.hpp>
#include <spdlog/spdlog.h>

namespace tickerflow {

namespace {

using namespace std::chrono_literals;

constexpr auto campaign_interval = 250ms;
/// A standby that was told to let others lead does so for this long.
constexpr auto patience = 15s;

coordinator_options options_of(const settings& x, const pipeline_start& start,
                               std::int64_t term,
                               const ticker_keeper_actor& keeper) {
  coordinator_options result;
  result.term = term;
  result.paused = start.paused;
  result.keeper = keeper;
  result.shards = start.shards;
  result.tickers = tickers_of(x);
  result.limits.suspect_after = x.cluster.suspect_after;
  result.limits.dead_after = x.cluster.dead_after;
  result.version = TICKERFLOW_VERSION;
  return result;
}

std::string leader_of(const leadership& hold) {
  for (auto& x : hold.masters())
    if (x.leading)
      return x.name + " at " + x.address;
  return "unknown";
}

/// The leader's actors; ended before their system goes.
class leading_actors {
public:
  leading_actors(caf::actor_system& system, const settings& x,
                 const std::shared_ptr<leadership>& hold,
                 const pipeline_start& start)
      : quota_(spawn_quota(system, x)),
        tickers_(system.spawn<caf::detached>(ticker_keeper, x.postgres.dsn,
                                             hold->term())),
        coordinator_(
            system.spawn(coordinator, quota_,
                         options_of(x, start, hold->term(), tickers_))) {
    leadership_keeper_options options;
    options.interval = x.cluster.beat_interval;
    keeper_ = system.spawn<caf::detached>(leadership_keeper, hold, coordinator_,
                                          options);
  }

  ~leading_actors() {
    for (auto x : {caf::actor_cast<caf::actor>(keeper_),
                   caf::actor_cast<caf::actor>(coordinator_),
                   caf::actor_cast<caf::actor>(tickers_),
                   caf::actor_cast<caf::actor>(quota_)})
      caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
  }

  leading_actors(const leading_actors&) = delete;
  leading_actors& operator=(const leading_actors&) = delete;

  const coordinator_actor& leader() const { return coordinator_; }

  void watch(caf::scoped_actor& self) const {
    self->monitor(keeper_);
    self->monitor(coordinator_);
    self->monitor(quota_);
    self->monitor(tickers_);
  }

private:
  quota_actor quota_;
  ticker_keeper_actor tickers_;
  coordinator_actor coordinator_;
  leadership_keeper_actor keeper_;
};

leading_end wait_for_end(caf::scoped_actor& self, const stop_wait& stop) {
  auto result = leading_end::stopped;
  while (result == leading_end::stopped && !stop(0ms))
    self->receive(
        [&](const caf::down_msg& x) {
          result = leading_end::lost;
          if (x.reason == errc::fenced)
            spdlog::warn("event=leadership_lost reason=\"{}\"",
                         text_of(x.reason));
          else
            spdlog::error("event=master_failed reason=\"{}\" hint=\"another "
                          "master, or this one anew, takes over\"",
                          text_of(x.reason));
        },
        caf::after(200ms) >>
            [] {
              // All is well.
            });
  return result;
}

} // namespace

std::string advertised_address(const settings& x) {
  return to_string(advertised(x.cluster.listen));
}

bool wait_to_lead(leadership& hold, bool patient, const stop_wait& stop) {
  auto give_way_until = std::chrono::steady_clock::now() + patience;
  retry_wait outage{"postgres"};
  bool told = false;
  for (;;) {
    auto gives_way =
        patient && std::chrono::steady_clock::now() < give_way_until;
    auto won = gives_way ? hold.observe() : hold.campaign();
    if (!won) {
      if (!outage.failed(won.error()))
        return false;
      continue;
    }
    outage.succeeded();
    if (!gives_way && *won)
      return true;
    if (gives_way && *won)
      patient = false; // somebody leads: from now on be ready
    if (!told && leader_of(hold) != "unknown") {
      told = true;
      spdlog::info("event=master_waits leader=\"{}\" hint=\"takes over when "
                   "that master is lost\"",
                   leader_of(hold));
    }
    if (stop(campaign_interval))
      return false;
  }
}

leading_end lead(const settings& x, const std::shared_ptr<leadership>& hold,
                 const pipeline_start& start, const stop_wait& stop) {
  node_config config{x};
  caf::actor_system system{config};
  node_link link{system};
  leading_actors actors{system, x, hold, start};
  auto port = link.publish(actors.leader(), x.cluster.listen);
  if (!port) {
    spdlog::error("event=listen_failed address={} reason=\"{}\" hint=\"is "
                  "another master running there? give another --listen\"",
                  to_string(x.cluster.listen), text_of(port.error()));
    return leading_end::failed;
  }
  spdlog::info("event=master_leads address={}:{} term={} shards={} tickers={}",
               x.cluster.listen.host, *port, hold->term(), start.shards.size(),
               x.tickers.size());
  watch_guard<cluster_status> watched{system, actors.leader()};
  console::leader_guard asked{system, actors.leader()};
  caf::scoped_actor self{system};
  actors.watch(self);
  auto result = wait_for_end(self, stop);
  link.unpublish(actors.leader(), *port);
  return result;
}

} // namespace tickerflow
