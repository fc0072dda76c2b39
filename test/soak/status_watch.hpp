#pragma once

#include "test/soak/nodes.hpp"
#include "test/soak/shard_watch.hpp"

#include <set>

namespace tickerflow::soak {

/// What `tickerflow status --json` said last.
struct status_sample {
  steady::time_point at; // when it was asked
  bool answered = false;
  std::int64_t term = 0;
  std::string leader;
  std::set<std::string> alive; // nodes, neither dead nor suspect
};

/// Asks for the status again and again, as an operator would.
class status_watch {
public:
  explicit status_watch(const nodes& x);
  ~status_watch();

  status_watch(const status_watch&) = delete;
  status_watch& operator=(const status_watch&) = delete;

  /// Asks without a pause, for measuring; else every few seconds.
  void eager(bool x) { eager_ = x; }

  status_sample last() const;

  /// The newest term that was ever seen.
  std::int64_t highest_term() const;

private:
  void run();

  const nodes& nodes_;
  mutable std::mutex lock_;
  status_sample last_;
  std::int64_t highest_term_ = 0;
  std::atomic<bool> eager_{false};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

} // namespace tickerflow::soak
