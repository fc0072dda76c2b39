#include "nodes/console/actor_rows.hpp"

#include "nodes/console/cluster_json.hpp"
#include "nodes/console/times.hpp"

#include <iterator>
#include <unordered_map>

namespace tickerflow::console {

namespace {

constexpr std::int64_t stuck_ms = 5'000;
constexpr std::int64_t silent_s = 5;

const char* state_of(const actor_snapshot& x, const process_picture& p) {
  if (x.handling_ms > stuck_ms || p.silent_for_s.value_or(0) > silent_s)
    return "stuck";
  return x.handling_ms > 0 || x.mailbox > 0 ? "busy" : "idle";
}

double rate(std::uint64_t before, std::uint64_t now, double seconds) {
  return now > before ? static_cast<double>(now - before) / seconds : 0.0;
}

/// What is said in the same way of one that lives and one that died.
template <class T>
actor_row row_of(const std::string& node, const T& x) {
  actor_row result;
  result.node = &node;
  result.serial = x.serial;
  result.kind = &x.kind;
  result.labels = &x.labels;
  result.name = name_of(x.kind, x.labels);
  return result;
}

void add_living(std::vector<actor_row>& to, const std::string& node,
                const process_picture& p) {
  std::unordered_map<std::uint64_t, const actor_snapshot*> before;
  double seconds = 0;
  if (p.before) {
    seconds = static_cast<double>(p.now->now_ms - p.before->now_ms) / 1000.0;
    for (auto& x : p.before->actors)
      before[x.serial] = &x;
  }
  for (auto& x : p.now->actors) {
    auto y = row_of(node, x);
    y.state = state_of(x, p);
    y.mailbox = static_cast<std::int64_t>(x.mailbox);
    y.mailbox_highest = static_cast<std::int64_t>(x.mailbox_highest);
    y.handled = static_cast<std::int64_t>(x.handled);
    y.p50_us = quantile_us(x.handled_within, 0.5);
    y.p99_us = quantile_us(x.handled_within, 0.99);
    y.restarts = static_cast<std::int64_t>(x.restarts);
    y.death_ms = x.last_death_ms;
    y.death_reason = x.last_death_reason;
    y.uptime_s = std::max<std::int64_t>(0, p.now->now_ms - x.started_ms) / 1000;
    y.supervisor = x.supervisor;
    auto old = before.find(x.serial);
    if (old != before.end() && seconds > 0) {
      y.in_per_s = rate(old->second->received, x.received, seconds);
      y.out_per_s = rate(old->second->sent, x.sent, seconds);
    }
    to.push_back(std::move(y));
  }
}

void add_dead(std::vector<actor_row>& to, const std::string& node,
              const process_picture& p) {
  for (auto& x : p.now->deaths) {
    auto y = row_of(node, x);
    y.state = "dead";
    y.death_ms = x.at_ms;
    y.death_reason = x.reason;
    y.uptime_s = std::max<std::int64_t>(0, x.at_ms - x.started_ms) / 1000;
    to.push_back(std::move(y));
  }
}

} // namespace

std::string name_of(const std::string& kind, const actor_labels& labels) {
  auto result = kind;
  for (auto& [key, value] : labels)
    result += ' ' + key + '=' + value;
  return result;
}

std::optional<double> quantile_us(const std::vector<std::uint64_t>& buckets,
                                  double share) {
  double total = 0;
  for (auto n : buckets)
    total += static_cast<double>(n);
  if (total == 0)
    return std::nullopt;
  auto wanted = share * total;
  double below = 0;
  double lower = 0;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    // What took longer than the last bound is told as that bound.
    auto upper = i < std::size(handling_bounds_us)
                     ? static_cast<double>(handling_bounds_us[i])
                     : lower;
    auto here = static_cast<double>(buckets[i]);
    if (here > 0 && below + here >= wanted)
      return lower + (upper - lower) * (wanted - below) / here;
    below += here;
    lower = upper;
  }
  return lower;
}

std::vector<actor_row> actor_rows(const picture& x) {
  std::vector<actor_row> result;
  for (auto& [name, p] : x.processes)
    if (p.now)
      add_living(result, name, p);
  for (auto& [name, p] : x.processes)
    if (p.now)
      add_dead(result, name, p);
  return result;
}

json to_json(const actor_row& x) {
  auto labels = json::object();
  for (auto& [key, value] : *x.labels)
    labels[key] = value;
  json death = nullptr;
  if (x.death_ms > 0)
    death = {{"at", instant_text(x.death_ms)}, {"reason", x.death_reason}};
  json supervisor = nullptr;
  if (x.supervisor > 0)
    supervisor = x.supervisor;
  return {{"node", *x.node},
          {"serial", x.serial},
          {"kind", *x.kind},
          {"name", x.name},
          {"labels", std::move(labels)},
          {"state", x.state},
          {"mailbox", x.mailbox},
          {"mailbox_highest", x.mailbox_highest},
          {"in_per_s", rounded(x.in_per_s)},
          {"out_per_s", rounded(x.out_per_s)},
          {"handled", x.handled},
          {"p50_us", rounded(x.p50_us)},
          {"p99_us", rounded(x.p99_us)},
          {"restarts", x.restarts},
          {"last_death", std::move(death)},
          {"uptime_s", x.uptime_s},
          {"supervisor", std::move(supervisor)}};
}

} // namespace tickerflow::console
