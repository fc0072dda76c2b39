#include "nodes/console/leader_seat.hpp"

#include "nodes/foreign_thread.hpp"

namespace tickerflow::console {

leader_seat& leader_seat::instance() {
  static leader_seat result;
  return result;
}

void leader_seat::take(caf::actor_system& system,
                       const coordinator_actor& leader) {
  std::unique_lock lock{mutex_};
  system_ = &system;
  leader_ = leader;
  leaving_ = false;
  taken_ = true;
  ++turn_;
}

void leader_seat::leave() {
  leaving_ = true;
  taken_ = false;
  std::unique_lock lock{mutex_};
  system_ = nullptr;
  leader_ = nullptr;
  if (farewell_)
    farewell_();
}

void leader_seat::set_farewell(std::function<void()> f) {
  std::unique_lock lock{mutex_};
  farewell_ = std::move(f);
}

bool leader_seat::ask(const question& f) {
  if (leaving_)
    return false;
  std::shared_lock lock{mutex_};
  if (!system_)
    return false;
  ask_from_foreign_thread(*system_,
                          [&](caf::scoped_actor& self) { f(self, leader_); });
  return true;
}

} // namespace tickerflow::console
