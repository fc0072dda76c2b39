#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tickerflow {

/// Number of the actor that this thread works for; 0: none. Lines that it logs
/// are kept with it.
inline thread_local std::uint64_t working_actor = 0;

/// One line that was logged.
struct log_entry {
  std::uint64_t sequence = 0; // rises by one
  std::chrono::system_clock::time_point at;
  std::string level;
  std::uint64_t actor = 0; // that logged it; 0: none
  std::string text;        // redacted, one line
};

/// The newest log lines of the process. Thread-safe.
class log_ring {
public:
  static constexpr size_t most_lines = 2'000;
  static constexpr size_t most_bytes = 512 * 1024; // of text
  static constexpr size_t longest = 4'096;         // of one line; then cut

  /// That of the process.
  static log_ring& instance();

  /// @param text as it may be shown: redacted, one line
  void add(std::chrono::system_clock::time_point at, std::string_view level,
           std::uint64_t actor, std::string text);

  /// @returns those that are kept of the ones behind `sequence`, oldest first
  std::vector<log_entry> after(std::uint64_t sequence) const;

  /// @returns the sequence of the newest line; 0: none yet
  std::uint64_t newest() const;

private:
  mutable std::mutex mutex_;
  std::deque<log_entry> lines_;
  size_t bytes_ = 0;
  std::uint64_t newest_ = 0;
};

} // namespace tickerflow
