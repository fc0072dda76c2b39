#pragma once

// Private to the folder.

#include <chrono>
#include <list>
#include <string>

namespace tickerflow {

class link_scribe;

/// The connections to one port that have not proven yet that a node is behind
/// them. They are few: who connects and says nothing makes room, in the end,
/// for who comes later. Lives on the multiplexer's thread.
class waiting_room {
public:
  static constexpr size_t seats = 64;

  /// Closes the one that waits longest if there is no seat left.
  void enter(link_scribe& x);

  /// Does nothing for one that is not here.
  void leave(link_scribe& x);

  /// Logs who was sent away and why; at most one line in ten seconds, for a
  /// port that is open to others is knocked at all the time.
  void tell_refusal(const std::string& peer, const std::string& reason);

private:
  std::list<link_scribe*> waiting_; // the longest first
  std::chrono::steady_clock::time_point next_line_{};
  int not_told_ = 0;
};

} // namespace tickerflow
