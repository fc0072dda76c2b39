#include "test/soak/recovery.hpp"

#include <pqxx/pqxx>

#include <algorithm>

namespace tickerflow::soak {

namespace {

double seconds_between(steady::time_point from, steady::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

} // namespace

worker_recovery::worker_recovery(const shard_watch& watch,
                                 const std::string& worker,
                                 steady::time_point lost_at)
    : lost_at_(lost_at) {
  auto rows = watch.now();
  for (size_t i = 0; i < rows.size(); ++i)
    if (rows[i].owner == worker)
      epochs_[static_cast<std::int32_t>(i)] = rows[i].epoch;
}

bool worker_recovery::look(const shard_watch& watch) {
  for (auto shard = epochs_.begin(); shard != epochs_.end();) {
    auto at = watch.first_commit_above(shard->first, shard->second);
    if (!at) {
      ++shard;
      continue;
    }
    seconds_.push_back(seconds_between(lost_at_, *at));
    shard = epochs_.erase(shard);
  }
  return epochs_.empty();
}

std::optional<std::string> leading_master(const nodes& x) {
  if (x.options().masters == 1)
    return master_name(1);
  try {
    pqxx::connection c{x.options().postgres + "?connect_timeout=1"};
    pqxx::nontransaction tx{c};
    auto rows = tx.exec("SELECT node FROM pipeline.leader");
    if (!rows.empty())
      return std::string{rows[0][0].c_str()};
  } catch (const std::exception&) {
    // PostgreSQL is down, perhaps by us.
  }
  return std::nullopt;
}

std::optional<double>
leader_recovery::look(const status_sample& status,
                      const std::set<std::string>& workers) const {
  if (!status.answered || status.term <= term_ || status.at < lost_at_
      || !std::includes(status.alive.begin(), status.alive.end(),
                        workers.begin(), workers.end()))
    return std::nullopt;
  return seconds_between(lost_at_, status.at);
}

} // namespace tickerflow::soak
