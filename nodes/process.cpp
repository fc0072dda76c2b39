#include "nodes/process.hpp"

#include "messages/cluster.hpp"
#include "messages/setup.hpp"
#include "nodes/node_link.hpp"

#include <caf/io/middleman.hpp>
#include <spdlog/spdlog.h>

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>
#include <unistd.h>

namespace tickerflow {

namespace {

sigset_t stop_signals() {
  sigset_t result;
  sigemptyset(&result);
  sigaddset(&result, SIGINT);
  sigaddset(&result, SIGTERM);
  return result;
}

/// Never destroyed: the signal thread outlives main().
struct stop_latch {
  std::mutex mutex;
  std::condition_variable changed;
  bool stopped = false;
};

stop_latch& latch() {
  static auto x = new stop_latch;
  return *x;
}

} // namespace

node_config::node_config(const settings& x) {
  load<caf::io::middleman>();
  prepare_links(*this, x);
  add_messages(*this);
  add_node_defaults(*this, x.cluster.beat_interval, x.cluster.dead_after);
}

void watch_stop_signals(std::chrono::seconds limit) {
  auto signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::thread{[signals, limit] {
    int number = 0;
    while (sigwait(&signals, &number) != 0)
      ;
    if (limit.count() > 0)
      exit_within(limit);
    request_stop();
  }}.detach();
}

bool stop_requested(std::chrono::milliseconds wait) {
  auto& x = latch();
  std::unique_lock guard{x.mutex};
  return x.changed.wait_for(guard, wait, [&x] { return x.stopped; });
}

void request_stop() {
  auto& x = latch();
  std::lock_guard guard{x.mutex};
  x.stopped = true;
  x.changed.notify_all();
}

void exit_within(std::chrono::seconds limit) {
  std::thread{[limit] {
    std::this_thread::sleep_for(limit);
    spdlog::error("event=stop_forced after_s={} hint=\"work that was not "
                  "committed is done again by the next owner\"",
                  limit.count());
    spdlog::shutdown();
    _exit(1);
  }}.detach();
}

bool retry_wait::failed(const caf::error& reason) {
  auto may_pass = reason == errc::unavailable || reason == errc::refused;
  if (!may_pass) {
    spdlog::error("event={}_failed reason=\"{}\"", what_, text_of(reason));
    return false;
  }
  auto wait = std::chrono::milliseconds{250} * (1 << std::min(tries_, 5));
  if (tries_++ == 0)
    spdlog::error("event={}_waits reason=\"{}\" hint=\"retrying\"", what_,
                  text_of(reason));
  return !stop_requested(wait);
}

void retry_wait::succeeded() {
  if (tries_ > 0)
    spdlog::info("event={}_resumed tries={}", what_, tries_ + 1);
  tries_ = 0; // the next outage is another one
}

kafka_options kafka_options_of(const settings& x) {
  kafka_options result;
  result.brokers = x.kafka.brokers;
  result.client_id = "tickerflow-" + x.cluster.node;
  result.properties = x.kafka.properties;
  return result;
}

std::vector<ticker_spec> tickers_of(const settings& x) {
  std::vector<ticker_spec> result;
  for (auto& symbol : x.tickers)
    result.push_back(
        {symbol, static_cast<std::int32_t>(x.api.interval.count() * 60)});
  return result;
}

} // namespace tickerflow
