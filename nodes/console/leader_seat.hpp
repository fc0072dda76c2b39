#pragma once

#include "messages/coordinator.hpp"

#include <caf/scoped_actor.hpp>

#include <atomic>
#include <functional>
#include <shared_mutex>

namespace tickerflow::console {

/// The coordinator of this process while it leads, for threads that are no
/// actors.
class leader_seat {
public:
  using question =
      std::function<void(caf::scoped_actor&, const coordinator_actor&)>;

  /// That of the process.
  static leader_seat& instance();

  void take(caf::actor_system& system, const coordinator_actor& leader);

  /// Waits for questions that are open.
  void leave();

  /// Lets a thread ask the coordinator, and whom it tells of.
  /// @returns false if this process does not lead
  bool ask(const question& f);

  /// Called, by the thread that leaves, when nobody asks any more: what holds
  /// handles has to drop them before their system goes.
  void set_farewell(std::function<void()> f);

  /// @returns whether this process leads
  bool taken() const { return taken_; }

  /// Changes with each time that this process leads.
  std::uint64_t turn() const { return turn_; }

private:
  std::shared_mutex mutex_;
  std::atomic<bool> leaving_{false}; // a lock that readers share would wait
  std::atomic<bool> taken_{false};
  std::atomic<std::uint64_t> turn_{0};
  caf::actor_system* system_ = nullptr;
  coordinator_actor leader_;
  std::function<void()> farewell_;
};

/// Lets the console ask the coordinator as long as this lives; it must go
/// before the actor system.
class leader_guard {
public:
  leader_guard(caf::actor_system& system, const coordinator_actor& leader) {
    leader_seat::instance().take(system, leader);
  }
  ~leader_guard() { leader_seat::instance().leave(); }

  leader_guard(const leader_guard&) = delete;
  leader_guard& operator=(const leader_guard&) = delete;
};

/// Asks one actor and waits.
template <class Answer, class Actor, class... Ts>
caf::expected<Answer> ask_actor(caf::scoped_actor& self, const Actor& actor,
                                std::chrono::milliseconds timeout,
                                const Ts&... xs) {
  caf::expected<Answer> result{errc::unavailable};
  self->request(actor, timeout, xs...)
      .receive([&](Answer& x) { result = std::move(x); },
               [&](caf::error& x) { result = std::move(x); });
  return result;
}

} // namespace tickerflow::console
