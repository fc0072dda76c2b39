#pragma once

#include "actors/actor_board.hpp"

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/error.hpp>
#include <caf/invoke_message_result.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <exception>
#include <memory>
#include <string>

namespace tickerflow {

/// Logs what a handler has thrown, with the actor's kind and labels.
/// @returns the error that its monitors are told
caf::error exception_error(const actor_counters& actor, std::exception_ptr x);

/// @returns the text of an error that is a failure; empty: an orderly end
std::string failure_text(const caf::error& reason);

/// Makes an actor visible on the process's board, and an exception of one of
/// its handlers a log line and a reason for its monitors.
///
///     observed_pointer<quota_actor, quota_state> self  // in the factory
///     self->label("shard", "3");
template <class Base>
class observed : public Base {
public:
  template <class... Ts>
  explicit observed(caf::actor_config& cfg, Ts&&... xs)
      : Base(cfg, std::forward<Ts>(xs)...),
        counters_(std::make_shared<actor_counters>()) {
    this->set_exception_handler([this](std::exception_ptr& x) {
      return exception_error(*counters_, x);
    });
  }

  /// Tells it from others of its kind, e.g. by shard or symbol.
  void label(std::string key, std::string value) {
    actor_board::instance().label(*counters_, std::move(key), std::move(value));
  }

  void enqueue(caf::mailbox_element_ptr x, caf::execution_unit* unit) override {
    counters_->received();
    Base::enqueue(std::move(x), unit);
  }

  caf::invoke_message_result consume(caf::mailbox_element& x) override {
    // Ends also by an exception.
    struct handling {
      actor_counters& counters;
      bool skipped = false;

      explicit handling(actor_counters& y) : counters(y) {
        counters.begin(std::chrono::steady_clock::now());
      }

      ~handling() { counters.end(std::chrono::steady_clock::now(), skipped); }
    } current{*counters_};
    auto result = Base::consume(x);
    current.skipped = result == caf::invoke_message_result::skipped;
    return result;
  }

  void launch(caf::execution_unit* unit, bool lazy, bool hide) override {
    // Not in the constructor: its name comes from the class above.
    actor_board::instance().add(counters_, &this->system(), this->name(),
                                this->id());
    Base::launch(unit, lazy, hide);
  }

  bool cleanup(caf::error&& reason, caf::execution_unit* unit) override {
    // Before its monitors know.
    actor_board::instance().remove(*counters_, failure_text(reason));
    return Base::cleanup(std::move(reason), unit);
  }

private:
  std::shared_ptr<actor_counters> counters_;
};

/// What the behaviour factory of an observed actor takes.
template <class Handle, class State>
using observed_actor =
    caf::stateful_actor<State, observed<typename Handle::base>>;

template <class Handle, class State>
using observed_pointer = observed_actor<Handle, State>*;

} // namespace tickerflow
