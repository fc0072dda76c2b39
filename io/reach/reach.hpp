#pragma once

#include "io/settings/settings.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace tickerflow {

/// A connected TCP socket, closed at the end.
class tcp_socket {
public:
  tcp_socket() = default;
  explicit tcp_socket(int descriptor) : descriptor_(descriptor) {}
  tcp_socket(tcp_socket&& x) noexcept : descriptor_(x.descriptor_) {
    x.descriptor_ = -1;
  }
  tcp_socket& operator=(tcp_socket&& x) noexcept {
    std::swap(descriptor_, x.descriptor_);
    return *this;
  }
  ~tcp_socket();

  int descriptor() const { return descriptor_; }

  /// Leaves the descriptor to the caller, who closes it.
  int release() { return std::exchange(descriptor_, -1); }

private:
  int descriptor_ = -1;
};

enum class reach_fault : std::uint8_t {
  none,
  unknown_name,
  refused,
  timeout,
  unreachable,
};

/// How far a connection came.
struct reach {
  reach_fault fault = reach_fault::none;
  std::string cause;   // for people; empty if none
  std::string address; // the one that answered, or was last tried
  tcp_socket socket;   // blocking, with time limits, if connected
};

/// Looks up the name and connects to its addresses in turn, each step within
/// the patience.
reach connect_to(const endpoint& server, std::chrono::milliseconds patience);

/// @returns whether only this machine can reach it; no for a name other than
///          localhost, for it may mean something else tomorrow
bool is_loopback(const std::string& host);

/// @returns why a server could not listen there: empty if it can; "in use" if
///          someone does already
std::string cannot_listen(const endpoint& x);

} // namespace tickerflow
