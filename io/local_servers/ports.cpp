#include "io/local_servers/ports.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <random>
#include <sys/socket.h>
#include <unistd.h>

namespace tickerflow {

namespace {

sockaddr_in local(std::uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  result.sin_port = htons(port);
  return result;
}

/// Binds a port for a moment.
/// @returns the port, 0 if it is taken
std::uint16_t try_bind(std::uint16_t port) {
  auto handle = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (handle < 0)
    return 0;
  int on = 1; // connections of an earlier run may still linger
  ::setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  auto address = local(port);
  socklen_t size = sizeof address;
  std::uint16_t result = 0;
  if (::bind(handle, reinterpret_cast<sockaddr*>(&address), size) == 0
      && ::listen(handle, 1) == 0
      && ::getsockname(handle, reinterpret_cast<sockaddr*>(&address), &size)
             == 0)
    result = ntohs(address.sin_port);
  ::close(handle);
  return result;
}

} // namespace

bool port_is_free(std::uint16_t port) { return try_bind(port) == port; }

std::uint16_t free_port() { return try_bind(0); }

std::uint16_t lasting_port() {
  std::random_device random;
  for (int i = 0; i < 1000; ++i) {
    auto port = static_cast<std::uint16_t>(10'000 + random() % 20'000);
    if (port_is_free(port))
      return port;
  }
  return free_port();
}

std::uint16_t preferred_or_free(std::uint16_t preferred) {
  return port_is_free(preferred) ? preferred : free_port();
}

bool port_answers(std::uint16_t port) {
  auto handle = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = local(port);
  auto result =
      ::connect(handle, reinterpret_cast<sockaddr*>(&address), sizeof address)
      == 0;
  ::close(handle);
  return result;
}

} // namespace tickerflow
