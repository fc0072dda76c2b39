#pragma once

// Private to io/postgres.

#include <chrono>
#include <cstdint>

namespace tickerflow {

/// Closes a socket for both directions when its peer has not let us go on by
/// a time: whoever waits for an answer then gets an error instead.
///
/// A server that is suspended, or a disk that hangs, acknowledges every packet,
/// so that no option of TCP notices; libpq itself waits for ever.
class hang_guard {
public:
  /// @param limit 0: none
  hang_guard(int socket, std::chrono::milliseconds limit);
  ~hang_guard();

  hang_guard(const hang_guard&) = delete;
  hang_guard& operator=(const hang_guard&) = delete;

private:
  std::uint64_t id_ = 0; // 0: not armed
};

} // namespace tickerflow
