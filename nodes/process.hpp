#pragma once

#include "io/kafka/kafka_options.hpp"
#include "io/settings/settings.hpp"
#include "messages/errc.hpp"

#include <caf/actor_system_config.hpp>

#include <chrono>
#include <functional>

namespace tickerflow {

/// The actor system's configuration that every node has.
struct node_config : caf::actor_system_config {
  explicit node_config(const settings& x);
};

/// What a node may take for an orderly stop; whoever stops nodes waits longer.
constexpr std::chrono::seconds orderly_stop_limit{10};

/// Takes SIGINT and SIGTERM for the whole process: `stop_requested` tells. Call
/// it before any other thread is made.
/// @param limit ends the process so long after the signal, whatever still runs:
///        a node that cannot stop in order must not hang; 0: never
void watch_stop_signals(std::chrono::seconds limit = std::chrono::seconds{0});

/// @returns whether a stop signal has come, by now or within the time
bool stop_requested(std::chrono::milliseconds wait);

/// Acts as if a stop signal had come: a node that has to end in order.
void request_stop();

/// Ends the process after a time, whatever still runs.
void exit_within(std::chrono::seconds limit);

/// Calls `step` until it succeeds, a stop signal comes, or the error is one
/// that waiting does not cure. Tells an outage once, and its end.
/// @returns what `step` returned last; `unavailable` if stopped
template <class T>
caf::expected<T> retry_until_done(const std::string& what,
                                  std::function<caf::expected<T>()> step);

/// Tells and waits between two tries; the part of `retry_until_done` that does
/// not depend on its type.
class retry_wait {
public:
  explicit retry_wait(std::string what) : what_(std::move(what)) {}

  /// @returns whether to try again
  bool failed(const caf::error& reason);

  void succeeded();

private:
  std::string what_;
  int tries_ = 0;
};

template <class T>
caf::expected<T> retry_until_done(const std::string& what,
                                  std::function<caf::expected<T>()> step) {
  retry_wait wait{what};
  for (;;) {
    auto result = step();
    if (result) {
      wait.succeeded();
      return result;
    }
    if (!wait.failed(result.error()))
      return result;
  }
}

kafka_options kafka_options_of(const settings& x);

std::vector<struct ticker_spec> tickers_of(const settings& x);

} // namespace tickerflow
