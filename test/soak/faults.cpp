#include "test/soak/faults.hpp"

#include <algorithm>
#include <random>

namespace tickerflow::soak {

namespace {

using std::chrono::milliseconds;

/// How often each kind is in one round.
constexpr std::pair<fault_kind, int> deck[] = {
    {fault_kind::kill_worker, 4},      {fault_kind::halt_worker, 3},
    {fault_kind::restart_worker, 1},   {fault_kind::kill_leader, 2},
    {fault_kind::kill_standby, 1},     {fault_kind::halt_leader, 1},
    {fault_kind::restart_leader, 1},   {fault_kind::kill_kafka, 1},
    {fault_kind::restart_kafka, 1},    {fault_kind::kill_postgres, 1},
    {fault_kind::restart_postgres, 1}, {fault_kind::drain_worker, 1},
    {fault_kind::rebalance, 1},        {fault_kind::extra_worker, 1},
};

bool possible(fault_kind kind, const schedule_options& x) {
  switch (kind) {
    case fault_kind::kill_standby: return x.masters > 1;
    case fault_kind::drain_worker:
    case fault_kind::rebalance: return x.operator_verbs;
    default: return true;
  }
}

} // namespace

std::string to_string(fault_kind x) {
  switch (x) {
    case fault_kind::kill_worker: return "kill -9 of a worker";
    case fault_kind::halt_worker: return "SIGSTOP of a worker";
    case fault_kind::restart_worker: return "orderly restart of a worker";
    case fault_kind::kill_leader: return "kill -9 of the leading master";
    case fault_kind::kill_standby: return "kill -9 of a standby master";
    case fault_kind::halt_leader: return "SIGSTOP of the leading master";
    case fault_kind::restart_leader: return "orderly restart of the leader";
    case fault_kind::kill_kafka: return "kill -9 of Kafka";
    case fault_kind::restart_kafka: return "orderly restart of Kafka";
    case fault_kind::kill_postgres: return "kill -9 of PostgreSQL";
    case fault_kind::restart_postgres: return "immediate stop of PostgreSQL";
    case fault_kind::drain_worker: return "drain of a worker";
    case fault_kind::rebalance: return "rebalance";
    case fault_kind::extra_worker: return "join and leave of a worker";
  }
  return "???";
}

std::vector<planned_fault> make_schedule(const schedule_options& x,
                                         size_t count) {
  std::mt19937_64 random{x.seed};
  auto between = [&](std::int64_t low, std::int64_t high) {
    return milliseconds{
        low
        + static_cast<std::int64_t>(
            random() % static_cast<std::uint64_t>(high - low + 1))};
  };
  auto mean = x.mean_pause.count();
  std::vector<planned_fault> result;
  while (result.size() < count) {
    std::vector<fault_kind> round;
    for (auto& [kind, copies] : deck)
      if (possible(kind, x))
        round.insert(round.end(), static_cast<size_t>(copies), kind);
    // Our own shuffle: the library's differs between implementations.
    for (auto i = round.size(); i > 1; --i)
      std::swap(round[i - 1], round[random() % i]);
    for (auto kind : round) {
      planned_fault f;
      f.kind = kind;
      f.pause = between(mean / 4, mean * 7 / 4);
      f.target = random();
      switch (kind) {
        case fault_kind::halt_worker:
        case fault_kind::halt_leader:
          f.lasts = between(1000, x.longest_halt.count());
          break;
        case fault_kind::kill_kafka:
        case fault_kind::restart_kafka:
        case fault_kind::kill_postgres:
        case fault_kind::restart_postgres: f.lasts = between(0, 8000); break;
        case fault_kind::drain_worker:
        case fault_kind::extra_worker: f.lasts = between(4000, 15'000); break;
        default: f.lasts = between(0, 10'000);
      }
      result.push_back(f);
    }
  }
  result.resize(count);
  return result;
}

} // namespace tickerflow::soak
