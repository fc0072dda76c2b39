#include "nodes/console/picture.hpp"

#include <unordered_map>

namespace tickerflow::console {

namespace {

/// @returns what was added; all of it if the counter began anew
std::int64_t added(std::int64_t before, std::int64_t after) {
  return after >= before ? after - before : after;
}

std::uint64_t handled(const node_snapshot& x) {
  std::uint64_t result = 0;
  for (auto& a : x.actors)
    result += a.handled;
  return result;
}

} // namespace

shard_rates rates_between(const cluster_status& before,
                          const cluster_status& after, double seconds) {
  shard_rates result;
  if (seconds <= 0 || before.term != after.term)
    return result;
  std::unordered_map<std::int32_t, const shard_report*> known;
  for (auto& x : before.shards)
    known[x.report.shard] = &x.report;
  std::int64_t bars = 0;
  std::int64_t records = 0;
  for (auto& x : after.shards) {
    auto same = known.find(x.report.shard);
    if (same == known.end())
      continue;
    auto& old = *same->second;
    bars += added(old.bars, x.report.bars);
    if (x.report.next_offset > old.next_offset && old.next_offset > 0)
      records += x.report.next_offset - old.next_offset;
  }
  result.bars_per_s = static_cast<double>(bars) / seconds;
  result.records_per_s = static_cast<double>(records) / seconds;
  result.calls_per_s =
      static_cast<double>(added(before.budget.granted, after.budget.granted))
      / seconds;
  return result;
}

std::optional<double> messages_per_s(const picture& x) {
  std::optional<double> result;
  for (auto& [name, p] : x.processes) {
    if (!p.now || !p.before || p.now->now_ms <= p.before->now_ms)
      continue;
    auto before = handled(*p.before);
    auto now = handled(*p.now);
    // Actors that ended took their counts with them.
    auto more = now > before ? static_cast<double>(now - before) : 0.0;
    auto seconds =
        static_cast<double>(p.now->now_ms - p.before->now_ms) / 1000.0;
    result = result.value_or(0) + more / seconds;
  }
  return result;
}

} // namespace tickerflow::console
