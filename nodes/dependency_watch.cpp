#include "nodes/dependency_watch.hpp"

#include "io/kafka/kafka_probe.hpp"
#include "io/postgres/postgres_probe.hpp"
#include "nodes/process.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace tickerflow {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto interval = 5s;
constexpr auto valid_for = 15s;
constexpr auto interest = 60s;
constexpr auto kafka_timeout = 3s;

/// One server and what it last said.
struct watched_server {
  std::string name;
  std::function<caf::error()> ask;
  clock::time_point asked; // the question has ended
  bool up = false;
  std::string reason = "not asked yet";
  std::thread thread;
  bool ended = false;
};

} // namespace

struct dependency_watch::implementation {
  std::mutex mutex;
  std::condition_variable changed;
  clock::time_point looked;
  bool stopped = false;
  std::vector<watched_server> servers;

  /// Each has its thread: one that hangs says nothing about the other.
  void watch(watched_server& x) {
    std::unique_lock guard{mutex};
    while (!stopped) {
      auto now = clock::now();
      if (now - looked > interest || now - x.asked < interval) {
        changed.wait_for(guard, 1s);
        continue;
      }
      guard.unlock();
      auto error = x.ask();
      guard.lock();
      x.asked = clock::now();
      x.up = !error;
      x.reason = error ? text_of(error) : std::string{};
      changed.notify_all();
    }
    x.ended = true;
    changed.notify_all();
  }

  bool all(const std::function<bool(const watched_server&)>& f) const {
    for (auto& x : servers)
      if (!f(x))
        return false;
    return true;
  }
};

dependency_watch::dependency_watch(const settings& x)
    : implementation_(std::make_shared<implementation>()) {
  auto& servers = implementation_->servers;
  servers.resize(2);
  servers[0].name = "kafka";
  servers[0].ask = [probe =
                        std::make_shared<kafka_probe>(kafka_options_of(x))] {
    return probe->ask(kafka_timeout);
  };
  servers[1].name = "postgres";
  servers[1].ask = [probe = std::make_shared<postgres_probe>(x.postgres.dsn)] {
    return probe->ask();
  };
  for (auto& server : servers)
    server.thread = std::thread{
        [state = implementation_, &server] { state->watch(server); }};
}

dependency_watch::~dependency_watch() {
  auto& x = *implementation_;
  std::unique_lock guard{x.mutex};
  x.stopped = true;
  x.changed.notify_all();
  x.changed.wait_for(guard, 1s, [&] {
    return x.all([](auto& server) { return server.ended; });
  });
  for (auto& server : x.servers) {
    auto ended = server.ended;
    guard.unlock();
    if (ended)
      server.thread.join();
    else
      server.thread.detach(); // a silent host; the process ends without it
    guard.lock();
  }
}

std::vector<dependency_state>
dependency_watch::look(std::chrono::milliseconds patience) {
  auto& x = *implementation_;
  std::unique_lock guard{x.mutex};
  x.looked = clock::now();
  x.changed.notify_all();
  auto valid = [](const watched_server& server) {
    return server.asked != clock::time_point{}
           && clock::now() - server.asked < valid_for;
  };
  x.changed.wait_for(guard, patience, [&] { return x.all(valid); });
  std::vector<dependency_state> result;
  for (auto& server : x.servers)
    result.push_back(
        {server.name, server.up && valid(server),
         valid(server) ? server.reason : "no answer for more than 15 s"});
  return result;
}

} // namespace tickerflow
