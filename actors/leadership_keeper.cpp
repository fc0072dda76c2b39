#include "actors/leadership_keeper.hpp"

#include "io/postgres/leadership.hpp"

#include <spdlog/spdlog.h>

namespace tickerflow {

void leadership_keeper_state::tick() {
  auto began = std::chrono::steady_clock::now();
  auto held = hold->renew();
  // As long as the database keeps us waiting, no answer can be taken: that is
  // not the coordinator's fault.
  answered += std::chrono::steady_clock::now() - began;
  if (held && !*held) {
    self->quit(failure(errc::fenced, "another master leads"));
    return;
  }
  if (!held && !outage_told)
    spdlog::warn("event=leadership_not_renewed term={} reason=\"{}\" "
                 "hint=\"shards go on; nobody else can lead without the "
                 "database either\"",
                 hold->term(), text_of(held.error()));
  if (held && outage_told)
    spdlog::info("event=leadership_renewed term={}", hold->term());
  outage_told = !held;
  auto now = std::chrono::steady_clock::now();
  if (now - answered > options.coordinator_dead_after) {
    self->quit(failure(errc::unavailable, "the coordinator does not answer"));
    return;
  }
  self->request(coordinator, options.coordinator_dead_after, masters_atom_v,
                hold->masters())
      .then([this] { answered = std::chrono::steady_clock::now(); },
            [](caf::error&) {
              // The time since the last answer decides.
            });
  self->delayed_send(self, options.interval, tick_atom_v);
}

leadership_keeper_actor::behavior_type leadership_keeper(
    observed_pointer<leadership_keeper_actor, leadership_keeper_state> self,
    std::shared_ptr<leadership> hold, coordinator_actor coordinator,
    leadership_keeper_options options) {
  auto& state = self->state;
  state.self = self;
  state.hold = std::move(hold);
  state.coordinator = std::move(coordinator);
  state.options = options;
  state.answered = std::chrono::steady_clock::now();
  self->send(self, tick_atom_v);
  return {[&state](tick_atom) { state.tick(); }};
}

} // namespace tickerflow
