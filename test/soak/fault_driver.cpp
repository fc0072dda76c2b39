#include "test/soak/fault_driver.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdio>

namespace tickerflow::soak {

namespace {

using namespace std::chrono_literals;

constexpr auto longest_orderly_stop = 20s;

double seconds_since(steady::time_point t) {
  return std::chrono::duration<double>(steady::now() - t).count();
}

std::string in_seconds(std::chrono::milliseconds x) {
  return fmt::format("{:.1f} s", static_cast<double>(x.count()) / 1000);
}

} // namespace

fault_driver::fault_driver(nodes& x, servers& y, const shard_watch& watch,
                           status_watch& status, int workers)
    : nodes_(x), servers_(y), watch_(watch), status_(status),
      workers_(workers) {
  // nop
}

void fault_driver::say(const std::string& text) const {
  fmt::print("{:7.1f} s  {}\n", seconds_since(started_), text);
  std::fflush(stdout);
}

void fault_driver::later(std::chrono::milliseconds wait,
                         std::function<void()> f) {
  later_.emplace(steady::now() + wait, std::move(f));
}

std::set<std::string> fault_driver::serving() const {
  std::set<std::string> result;
  for (auto& name : nodes_.names())
    if (is_worker(name) && nodes_.state(name) == node_state::running
        && ending_.count(name) == 0)
      result.insert(name);
  return result;
}

std::optional<std::string>
fault_driver::pick_worker(std::uint64_t target) const {
  std::vector<std::string> free;
  for (auto& name : serving())
    if (busy_.count(name) == 0)
      free.push_back(name);
  // The last one is left alone.
  if (free.size() < 2)
    return std::nullopt;
  return free[target % free.size()];
}

std::optional<std::string>
fault_driver::pick_standby(std::uint64_t target) const {
  auto leading = leader();
  std::vector<std::string> free;
  for (auto& name : nodes_.names())
    if (!is_worker(name) && name != leading && busy_.count(name) == 0
        && nodes_.state(name) == node_state::running)
      free.push_back(name);
  if (free.empty())
    return std::nullopt;
  return free[target % free.size()];
}

std::string fault_driver::leader() const {
  if (auto found = leading_master(nodes_))
    last_leader_ = *found;
  return last_leader_;
}

void fault_driver::lose(const std::string& worker, bool killed) {
  loss x{worker_recovery{watch_, worker, steady::now()}, open() == 0, killed,
         worker};
  if (x.recovery.shards() > 0)
    losses_.push_back(std::move(x));
}

void fault_driver::lose_leader(const std::string& name) {
  leader_losses_.emplace_back(status_.highest_term(), steady::now());
  status_.eager(true);
  busy_.insert(name);
}

bool fault_driver::hit_worker(const planned_fault& x) {
  if (x.kind == fault_kind::extra_worker) {
    auto name = worker_name(workers_ + 1);
    if (busy_.count(name) > 0)
      return false;
    busy_.insert(name);
    say(fmt::format("{} joins, leaves in {}", name, in_seconds(x.lasts)));
    nodes_.start(name);
    later(x.lasts, [this, name] { restart_in_order(name, -1ms); });
    return true;
  }
  auto name = pick_worker(x.target);
  if (!name)
    return false;
  busy_.insert(*name);
  auto rows = watch_.now();
  auto owned = std::count_if(rows.begin(), rows.end(),
                             [&](auto& row) { return row.owner == *name; });
  say(fmt::format("{}: {}, owner of {} shards, back in {}", to_string(x.kind),
                  *name, owned, in_seconds(x.lasts)));
  switch (x.kind) {
    case fault_kind::kill_worker:
      lose(*name, true);
      nodes_.kill(*name);
      later(x.lasts, [this, name] {
        nodes_.start(*name);
        busy_.erase(*name);
      });
      break;
    case fault_kind::halt_worker:
      lose(*name, false);
      nodes_.halt(*name);
      later(x.lasts, [this, name] {
        // What recovers from now on may be the worker itself again.
        watch_recoveries();
        losses_.erase(std::remove_if(losses_.begin(), losses_.end(),
                                     [&](auto& y) {
                                       return y.worker == *name && !y.killed;
                                     }),
                      losses_.end());
        nodes_.resume(*name);
        busy_.erase(*name);
      });
      break;
    default: restart_in_order(*name, x.lasts / 4);
  }
  return true;
}

bool fault_driver::hit_master(const planned_fault& x) {
  std::optional<std::string> name;
  if (x.kind == fault_kind::kill_standby)
    name = pick_standby(x.target);
  else
    name = leader();
  if (!name || busy_.count(*name) > 0
      || nodes_.state(*name) != node_state::running)
    return false;
  say(fmt::format("{}: {}, back in {}", to_string(x.kind), *name,
                  in_seconds(x.lasts)));
  switch (x.kind) {
    case fault_kind::halt_leader:
      // Whether another takes over depends on how long it lasts.
      busy_.insert(*name);
      nodes_.halt(*name);
      later(x.lasts, [this, name] {
        nodes_.resume(*name);
        busy_.erase(*name);
      });
      return true;
    case fault_kind::restart_leader:
      lose_leader(*name);
      restart_in_order(*name, x.lasts / 4);
      return true;
    case fault_kind::kill_leader: lose_leader(*name); break;
    default: busy_.insert(*name);
  }
  nodes_.kill(*name);
  later(x.lasts, [this, name] {
    nodes_.start(*name);
    busy_.erase(*name);
  });
  return true;
}

bool fault_driver::hit_server(const planned_fault& x) {
  auto kafka =
      x.kind == fault_kind::kill_kafka || x.kind == fault_kind::restart_kafka;
  auto kill =
      x.kind == fault_kind::kill_kafka || x.kind == fault_kind::kill_postgres;
  std::string name = kafka ? "kafka" : "postgres";
  if (busy_.count(name) > 0)
    return false;
  // Stopped again while it still starts, it would never serve on a slow
  // machine.
  if (!(kafka ? servers_.kafka_serves() : servers_.postgres_serves()))
    return false;
  busy_.insert(name);
  say(fmt::format("{}, started again in {}", to_string(x.kind),
                  in_seconds(x.lasts)));
  if (kafka)
    servers_.stop_kafka(kill);
  else
    servers_.stop_postgres(kill);
  later(x.lasts, [this, name, kafka] {
    if (kafka)
      servers_.start_kafka();
    else
      servers_.start_postgres();
    busy_.erase(name);
  });
  return true;
}

/// Commands of an operator. They fail when no master answers, which is fine.
void fault_driver::command(std::vector<std::string> arguments) {
  auto [status, output] = nodes_.run(arguments, 5s);
  if (status == 0)
    return;
  std::string text;
  for (auto& x : arguments)
    text += (text.empty() ? "" : " ") + x;
  auto line = output.substr(0, output.find('\n'));
  say(fmt::format("  \"{}\" failed with {}: {}", text, status, line));
}

bool fault_driver::operate(const planned_fault& x) {
  if (x.kind == fault_kind::rebalance) {
    say("rebalance");
    command({"rebalance"});
    return true;
  }
  auto name = pick_worker(x.target);
  if (!name)
    return false;
  busy_.insert(*name);
  say(fmt::format("drain of {}, undone in {}", *name, in_seconds(x.lasts)));
  command({"drain", *name});
  later(x.lasts, [this, name] {
    command({"drain", *name, "--undo"});
    busy_.erase(*name);
  });
  return true;
}

bool fault_driver::begin(const planned_fault& x) {
  bool begun = false;
  switch (x.kind) {
    case fault_kind::kill_worker:
    case fault_kind::halt_worker:
    case fault_kind::restart_worker:
    case fault_kind::extra_worker: begun = hit_worker(x); break;
    case fault_kind::kill_leader:
    case fault_kind::kill_standby:
    case fault_kind::halt_leader:
    case fault_kind::restart_leader: begun = hit_master(x); break;
    case fault_kind::kill_kafka:
    case fault_kind::restart_kafka:
    case fault_kind::kill_postgres:
    case fault_kind::restart_postgres: begun = hit_server(x); break;
    case fault_kind::drain_worker:
    case fault_kind::rebalance: begun = operate(x); break;
  }
  if (begun) {
    ++counts_[x.kind];
    newest_fault_ = steady::now();
  }
  return begun;
}

void fault_driver::restart_in_order(const std::string& name,
                                    std::chrono::milliseconds after) {
  ending_[name] = {steady::now(), after};
  nodes_.terminate(name);
}

void fault_driver::watch_endings() {
  for (auto x = ending_.begin(); x != ending_.end();) {
    auto& [name, ending] = *x;
    auto waited = steady::now() - ending.told_at;
    if (!nodes_.ended(name) && waited < longest_orderly_stop) {
      ++x;
      continue;
    }
    auto seconds = seconds_since(ending.told_at);
    orderly_stops.add(seconds);
    auto status = nodes_.stop(name, 0ms);
    say(fmt::format("  {} ended with {} after {:.1f} s", name, status,
                    seconds));
    if (waited >= longest_orderly_stop)
      violations_.push_back(name + " did not end in 20 s after SIGTERM");
    if (ending.restart_after < 0ms)
      busy_.erase(name);
    else
      later(ending.restart_after, [this, name = name] {
        nodes_.start(name);
        busy_.erase(name);
      });
    x = ending_.erase(x);
  }
}

void fault_driver::watch_recoveries() {
  for (auto x = losses_.begin(); x != losses_.end();) {
    auto recovered = x->recovery.look(watch_);
    if (newest_fault_ > x->recovery.lost_at() + 100ms)
      x->lone = false;
    if (!recovered) {
      ++x;
      continue;
    }
    auto& seconds = x->recovery.seconds();
    auto slowest = *std::max_element(seconds.begin(), seconds.end());
    if (x->killed) {
      worker_kills.add(slowest);
      for (auto s : seconds)
        worker_kill_shards.add(s);
      if (x->lone)
        lone_worker_kills.add(slowest);
    } else {
      worker_halts.add(slowest);
    }
    say(fmt::format("  others went on with {} shards of {} after {:.2f} s",
                    seconds.size(), x->worker, slowest));
    x = losses_.erase(x);
  }
  if (leader_losses_.empty())
    return;
  auto status = status_.last();
  auto workers = serving();
  for (auto x = leader_losses_.begin(); x != leader_losses_.end();)
    if (auto seconds = x->look(status, workers)) {
      leader_losses.add(*seconds);
      say(fmt::format("  term {} leads, all workers registered after {:.2f} s",
                      status.term, *seconds));
      x = leader_losses_.erase(x);
    } else {
      ++x;
    }
  if (leader_losses_.empty())
    status_.eager(false);
}

void fault_driver::tick() {
  while (!later_.empty() && later_.begin()->first <= steady::now()) {
    auto f = std::move(later_.begin()->second);
    later_.erase(later_.begin());
    f();
  }
  watch_endings();
  watch_recoveries();
  for (auto& text : servers_.take_unexpected_ends()) {
    // Not what is tested, but nothing would work without it.
    say(text);
    servers_.start_kafka();
    servers_.start_postgres();
  }
  for (auto& text : nodes_.take_unexpected_ends()) {
    say(text);
    violations_.push_back(text);
    nodes_.start(text.substr(0, text.find(' ')));
  }
}

void fault_driver::end_all() {
  say("faults end");
  auto limit = steady::now() + 60s;
  while (open() > 0 && steady::now() < limit) {
    while (!later_.empty()) {
      auto f = std::move(later_.begin()->second);
      later_.erase(later_.begin());
      f();
    }
    tick();
    std::this_thread::sleep_for(20ms);
  }
}

} // namespace tickerflow::soak
