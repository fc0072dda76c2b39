#pragma once

#include "messages/types.hpp"
#include "nodes/foreign_thread.hpp"

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>

namespace tickerflow {

/// What an actor last said about itself.
template <class Report>
struct last_report {
  bool watched = false; // there is such an actor now
  std::optional<Report> value;
  std::chrono::milliseconds age{0}; // of `value`
  std::string silence; // why the last question had no answer; empty: it had
};

/// Asks the process' main actor for its report, so rarely and with so short a
/// wait that a busy one is not disturbed and does not hold up whoever reads.
template <class Report>
class watched_actor {
public:
  using question = std::function<caf::expected<Report>()>;

  static constexpr std::chrono::milliseconds answer_timeout{500};
  static constexpr std::chrono::milliseconds fresh_for{1000};

  /// That of the process.
  static watched_actor& instance() {
    static watched_actor result;
    return result;
  }

  void attach(question ask) {
    std::lock_guard guard{mutex_};
    ask_ = std::move(ask);
    value_.reset();
    silence_ = "it has not answered yet";
    told_ = std::chrono::steady_clock::now();
    asked_ = {};
  }

  /// Waits for a question that is open.
  void detach() {
    std::lock_guard guard{mutex_};
    ask_ = nullptr;
    value_.reset();
  }

  last_report<Report> read() {
    std::lock_guard guard{mutex_};
    if (!ask_)
      return {};
    if (std::chrono::steady_clock::now() - asked_ > fresh_for) {
      auto answer = ask_();
      asked_ = std::chrono::steady_clock::now();
      if (answer) {
        value_ = std::move(*answer);
        told_ = asked_;
        silence_.clear();
      } else {
        silence_ = text_of(answer.error());
      }
    }
    last_report<Report> result;
    result.watched = true;
    result.value = value_;
    result.age = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - told_);
    result.silence = silence_;
    return result;
  }

private:
  std::mutex mutex_;
  question ask_; // empty: no actor
  std::optional<Report> value_;
  std::string silence_;
  std::chrono::steady_clock::time_point asked_;
  std::chrono::steady_clock::time_point told_; // or attached
};

/// Makes an actor the watched one as long as this lives; it must go before
/// the actor system.
template <class Report>
class watch_guard {
public:
  template <class Handle>
  watch_guard(caf::actor_system& system, const Handle& actor) {
    watched_actor<Report>::instance().attach([&system, actor] {
      caf::expected<Report> result{errc::unavailable};
      ask_from_foreign_thread(system, [&](caf::scoped_actor& self) {
        self->request(actor, watched_actor<Report>::answer_timeout,
                      status_atom_v)
            .receive([&](Report& x) { result = std::move(x); },
                     [&](caf::error& x) { result = std::move(x); });
      });
      return result;
    });
  }

  ~watch_guard() { watched_actor<Report>::instance().detach(); }

  watch_guard(const watch_guard&) = delete;
  watch_guard& operator=(const watch_guard&) = delete;
};

} // namespace tickerflow
