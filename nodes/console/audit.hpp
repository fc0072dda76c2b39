#pragma once

#include "nodes/console/access.hpp"

#include <deque>

namespace tickerflow::console {

/// Keeps and logs what was done, by whom and with what result. Thread-safe.
///
/// Bounds  the newest 1,000
class audit {
public:
  void note(const std::string& role, const std::string& address,
            const std::string& action, const std::string& result);

  /// @returns newest first
  json lines(std::size_t limit) const;

private:
  struct line {
    std::string at;
    std::string role;
    std::string who;
    std::string action;
    std::string result;
  };

  mutable std::mutex mutex_;
  std::deque<line> lines_; // newest first
};

} // namespace tickerflow::console
