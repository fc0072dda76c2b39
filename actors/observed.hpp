#pragma once

#include "actors/actor_board.hpp"
#include "actors/actor_watch.hpp"
#include "actors/state_page.hpp"
#include "io/log/log_ring.hpp"

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/default_attachable.hpp>
#include <caf/error.hpp>
#include <caf/invoke_message_result.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace tickerflow {

/// What introspection wants of an actor. Goes to its mailbox with a high
/// priority, is obeyed between two messages and never seen by its behaviour.
struct actor_order {
  enum class kind : std::uint8_t {
    tell_state,
    end, // with `errc::restarted`
  };

  kind what = kind::tell_state;
};

/// Logs what a handler has thrown, with the actor's kind and labels.
/// @returns the error that its monitors are told
caf::error exception_error(const actor_counters& actor, std::exception_ptr x);

/// @returns why an actor ended with this reason
actor_end end_of(const caf::error& reason);

/// The error of an actor that an operator wanted to be started anew.
caf::error restart_error();

/// What introspection asks an actor without its mailbox, from any thread.
class observable {
public:
  virtual ~observable() = default;

  virtual const std::shared_ptr<actor_counters>& counters() const = 0;

  /// @returns whether `x` is told when this actor ends
  virtual bool told_its_end(const caf::actor_addr& x,
                            caf::default_attachable::observe_type how) = 0;

  /// @returns how many are told, of this process or of others
  virtual size_t told_its_end() = 0;
};

/// How introspection reaches an actor that lives.
struct actor_access {
  caf::weak_actor_ptr handle;
};

/// Puts an actor that was started before under its supervisor.
void note_supervisor(const caf::strong_actor_ptr& x, std::uint64_t by);

/// The time of one message.
class handling_time {
public:
  explicit handling_time(actor_counters& x)
      : counters_(x), outer_(std::exchange(working_actor, x.serial())) {
    counters_.begin(began_);
  }

  /// Ends also by an exception.
  ~handling_time() {
    auto now = std::chrono::steady_clock::now();
    counters_.end(now, skipped);
    if (watch)
      watch->end(now - began_, skipped);
    working_actor = outer_;
  }

  handling_time(const handling_time&) = delete;
  handling_time& operator=(const handling_time&) = delete;

  /// Notes the message for those that look.
  void look(const caf::mailbox_element& x, std::uint32_t attention);

  bool skipped = false;
  actor_watch* watch = nullptr;

private:
  actor_counters& counters_;
  std::uint64_t outer_; // of a test, which runs one within another
  std::chrono::steady_clock::time_point began_ =
      std::chrono::steady_clock::now();
};

/// Makes an actor visible on the process's board, and an exception of one of
/// its handlers a log line and a reason for its monitors.
///
///     observed_pointer<quota_actor, quota_state> self  // in the factory
///     self->label("shard", "3");
template <class Base>
class observed : public Base, public observable {
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

  const std::shared_ptr<actor_counters>& counters() const override {
    return counters_;
  }

  bool told_its_end(const caf::actor_addr& x,
                    caf::default_attachable::observe_type how) override {
    caf::default_attachable::observe_token token{x, how};
    std::lock_guard guard{this->mtx_};
    return this->detach_impl(token, true, true) > 0; // a dry run
  }

  size_t told_its_end() override {
    std::lock_guard guard{this->mtx_};
    size_t result = 0;
    for (auto x = this->attachables_head_.get(); x; x = x->next.get())
      ++result;
    return result;
  }

  void enqueue(caf::mailbox_element_ptr x, caf::execution_unit* unit) override {
    counters_->received();
    Base::enqueue(std::move(x), unit);
  }

  caf::invoke_message_result consume(caf::mailbox_element& x) override {
    // Once: while nobody looks, this is all that it costs to be seen.
    auto attention = counters_->attention();
    handling_time current{*counters_};
    if (attention != 0) {
      if (x.content().template match_elements<actor_order>()) {
        current.skipped = true; // not one of its messages
        counters_->obeyed();
        obey(x.content().template get_as<actor_order>(0));
        return caf::invoke_message_result::consumed;
      }
      current.look(x, attention);
    }
    auto result = Base::consume(x);
    current.skipped = result == caf::invoke_message_result::skipped;
    return result;
  }

  void launch(caf::execution_unit* unit, bool lazy, bool hide) override {
    counters_->access(std::make_shared<actor_access>(
        actor_access{caf::weak_actor_ptr{this->ctrl()}}));
    // Not in the constructor: its name comes from the class above.
    auto& board = actor_board::instance();
    board.name_system(&this->system(), to_string(this->node()));
    board.add(counters_, &this->system(), this->name(), this->id());
    Base::launch(unit, lazy, hide);
  }

  void initialize() override {
    // What its factory logs and spawns is its own.
    auto outer = std::exchange(working_actor, counters_->serial());
    Base::initialize();
    working_actor = outer;
  }

  bool cleanup(caf::error&& reason, caf::execution_unit* unit) override {
    // Before its monitors know.
    actor_board::instance().remove(*counters_, end_of(reason));
    return Base::cleanup(std::move(reason), unit);
  }

protected:
  /// @returns its state as a JSON object; empty: there is nothing to tell
  virtual std::string state_text() const { return {}; }

private:
  void obey(const actor_order& x) {
    switch (x.what) {
      case actor_order::kind::tell_state:
        counters_->watch()->tell(state_text());
        return;
      case actor_order::kind::end: this->quit(restart_error()); return;
    }
  }

  std::shared_ptr<actor_counters> counters_;
};

/// What the behaviour factory of an observed actor takes.
///
/// A state with `void tell(state_page& out) const` is shown to operators as
/// that tells it: never a secret, and nothing that is expensive to find out.
template <class Handle, class State>
class observed_actor
    : public caf::stateful_actor<State, observed<typename Handle::base>> {
public:
  using caf::stateful_actor<State,
                            observed<typename Handle::base>>::stateful_actor;

protected:
  std::string state_text() const override {
    return text_of_state(this->state, 0);
  }

private:
  template <class T>
  static auto text_of_state(const T& x, int)
      -> decltype(x.tell(std::declval<state_page&>()), std::string{}) {
    state_page page;
    x.tell(page);
    return page.text();
  }

  template <class T>
  static std::string text_of_state(const T&, long) {
    return "{}";
  }
};

template <class Handle, class State>
using observed_pointer = observed_actor<Handle, State>*;

} // namespace tickerflow

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tickerflow::actor_order)
