#pragma once

#include "messages/cluster.hpp"
#include "messages/errc.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tickerflow {

/// What one master is in the election.
struct candidate {
  std::string node;
  std::string address; // where workers find it once it leads
  std::string console{}; // where its console is, as a URL; empty: none
  /// A leader that has not renewed for so long is hung: its session is ended,
  /// so that the lock is free.
  std::chrono::milliseconds hung_after{4000};
};

/// Who leads the cluster: whoever holds an advisory lock of the database. One
/// connection, one thread.
///
/// The lock goes with its session, so a leader that dies frees it at once. A
/// leader that hangs keeps its session: the candidates see that it does not
/// renew its row and end that session. Each change of the leader takes a term
/// above all before; a claim under an older term changes nothing, so a leader
/// that does not know yet that it lost cannot move a shard.
///
/// Errors  unavailable, refused; bad_setting if the role may not end the
///         session of a leader that hangs
class leadership {
public:
  leadership(std::string dsn, candidate self);
  ~leadership();

  /// Tries to become the leader.
  /// @returns whether we lead now, see `term`
  caf::expected<bool> campaign();

  /// Looks without trying to lead, and is seen as a master.
  /// @returns whether another master leads and lives
  caf::expected<bool> observe();

  /// Says that the leader lives. After the connection broke it takes the lock
  /// again, if nobody led in between.
  /// @returns whether we still lead
  /// @pre campaign() returned true
  caf::expected<bool> renew();

  /// Frees the lock, so that a standby need not wait.
  void resign();

  /// Of our leadership.
  std::int64_t term() const;

  /// The masters as the last campaign or renewal found them.
  const std::vector<master_status>& masters() const;

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickerflow
