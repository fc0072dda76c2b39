#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace tickerflow::simulation {

/// Rules that a run can break, to see that the checker notices. They break the
/// model around the real code, never the code itself.
enum class mutation : std::uint8_t {
  none,
  /// A worker goes on writing after it was fenced.
  ignore_fencing,
  /// A worker obeys a master of an older term.
  obey_old_terms,
  /// A master sends the epoch before the one that its table gave out.
  reuse_epoch,
  /// The database writes for any epoch.
  write_any_epoch,
  /// The database lets orders of an older master claim.
  claim_any_term,
  /// A master takes each revoke for confirmed at once.
  hurry,
  /// A master rebalances at each join.
  restless,
  /// A master forgets what its workers said they hold.
  forget_held,
  /// A worker reports a shard that it dropped, and keeps silent about the loss.
  pretend,
};

/// How a world is made from a seed.
struct scenario {
  std::uint64_t seed = 1;
  std::int32_t masters = 0; // 0: chosen by the seed, like the two below
  std::int32_t workers = 0;
  std::int32_t shards = 0;
  std::chrono::milliseconds faults_for{60'000};
  /// Within which all shards have to be served, balanced, after the faults.
  std::chrono::milliseconds recover_within{45'000};
  std::int32_t experiments = 4;
  mutation broken = mutation::none;
  bool trace = false; // to standard output
};

/// What happened in a run, also to see that it was not a quiet one.
struct outcome {
  std::string violation; // empty: all promises were kept
  std::int64_t events = 0;
  std::int64_t faults = 0;
  std::int64_t commits = 0;
  std::int64_t fenced = 0;         // zombies that learned it
  std::int64_t old_claims = 0;     // refused for their term
  std::int64_t stale_told = 0;     // revokes of an older epoch
  std::int64_t double_leaders = 0; // looks at which two believed to lead
  std::int64_t names_refused = 0;
  std::int64_t moves = 0; // in experiments, all of them needed
  std::chrono::milliseconds recovery{0};
};

/// Runs one world: faults, recovery, then membership changes one at a time.
/// The same scenario gives the same outcome, on any machine.
outcome simulate(const scenario& x);

} // namespace tickerflow::simulation
