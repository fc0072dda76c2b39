#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace tickerflow::console {

enum class role : std::uint8_t { viewer, operator_ };

/// @returns "viewer", "operator"
const char* to_string(role x);

/// A browser that is logged in.
struct session {
  role who = role::viewer;
  std::string csrf;
  std::chrono::system_clock::time_point expires_at;
};

/// Those who are logged in. Thread-safe.
///
/// Bounds  `most` sessions: one more ends the oldest
class session_board {
public:
  using time = std::chrono::system_clock::time_point;

  static constexpr std::chrono::hours lifetime{12};

  explicit session_board(std::size_t most = 1000) : most_(most) {}

  /// @returns the secret that the cookie holds
  std::string open(role who, time now);

  std::optional<session> find(const std::string& id, time now);

  void close(const std::string& id);

private:
  std::size_t most_;
  std::mutex mutex_;
  // By a hash of the id: how long a look-up takes tells nothing about one.
  std::map<std::string, session> sessions_;
};

/// @returns a random text of n letters that are easy to read: 5 bits each
std::string random_text(int n);

/// @returns SHA-256 of the text, 32 bytes
std::string digest_of(const std::string& x);

/// Compares in a time that does not depend on where they differ.
bool same_secret(const std::string& x, const std::string& y);

} // namespace tickerflow::console
