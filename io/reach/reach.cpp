#include "io/reach/reach.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <future>
#include <memory>
#include <optional>
#include <thread>

namespace tickerflow {

namespace {

using std::chrono::milliseconds;

struct address_deleter {
  void operator()(addrinfo* x) const {
    if (x != nullptr)
      ::freeaddrinfo(x);
  }
};
using addresses = std::unique_ptr<addrinfo, address_deleter>;

struct lookup {
  int code = 0;
  addresses found;
};

lookup look_up(const endpoint& x, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* first = nullptr;
  lookup result;
  result.code = ::getaddrinfo(x.host.c_str(), std::to_string(x.port).c_str(),
                              &hints, &first);
  result.found.reset(first);
  return result;
}

/// getaddrinfo cannot be stopped and may take minutes: a thread that outlives
/// the wait, and shares nothing but the promise, does it.
std::optional<lookup> look_up_within(const endpoint& x, milliseconds patience) {
  std::promise<lookup> promise;
  auto answer = promise.get_future();
  std::thread{[x, promise = std::move(promise)]() mutable {
    promise.set_value(look_up(x, 0));
  }}.detach();
  if (answer.wait_for(patience) != std::future_status::ready)
    return std::nullopt;
  return answer.get();
}

std::string text_of(const sockaddr* address, socklen_t size) {
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (::getnameinfo(address, size, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV)
      != 0)
    return "?";
  return to_string(endpoint{host, static_cast<std::uint16_t>(std::atoi(port))});
}

/// @returns 0 or an errno
int connect_within(int descriptor, const addrinfo& to, milliseconds patience) {
  auto flags = ::fcntl(descriptor, F_GETFL);
  ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
  if (::connect(descriptor, to.ai_addr, to.ai_addrlen) != 0) {
    if (errno != EINPROGRESS)
      return errno;
    pollfd waiting{descriptor, POLLOUT, 0};
    if (::poll(&waiting, 1, static_cast<int>(patience.count())) != 1)
      return ETIMEDOUT;
    int fault = 0;
    socklen_t size = sizeof(fault);
    ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &fault, &size);
    if (fault != 0)
      return fault;
  }
  ::fcntl(descriptor, F_SETFL, flags);
  timeval limit{};
  limit.tv_sec = patience.count() / 1000;
  limit.tv_usec = patience.count() % 1000 * 1000;
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  return 0;
}

reach_fault fault_of(int code) {
  switch (code) {
    case 0: return reach_fault::none;
    case ECONNREFUSED: return reach_fault::refused;
    case ETIMEDOUT: return reach_fault::timeout;
    default: return reach_fault::unreachable;
  }
}

std::string cause_of(int code, const std::string& address) {
  switch (code) {
    case 0: return {};
    case ECONNREFUSED: return "nothing listens on " + address;
    case ETIMEDOUT: return "no answer from " + address + " (a firewall?)";
    default: return address + ": " + std::strerror(code);
  }
}

} // namespace

tcp_socket::~tcp_socket() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

reach connect_to(const endpoint& server, milliseconds patience) {
  reach result;
  auto names = look_up_within(server, patience);
  if (!names || names->code != 0) {
    result.fault = reach_fault::unknown_name;
    result.cause =
        "the name \"" + server.host + "\" is not known here"
        + (names ? " (" + std::string{::gai_strerror(names->code)} + ")"
                 : " (no answer from the name server)");
    return result;
  }
  for (auto i = names->found.get(); i != nullptr; i = i->ai_next) {
    tcp_socket socket{::socket(i->ai_family, i->ai_socktype | SOCK_CLOEXEC, 0)};
    result.address = text_of(i->ai_addr, i->ai_addrlen);
    auto code = socket.descriptor() < 0
                    ? errno
                    : connect_within(socket.descriptor(), *i, patience);
    result.fault = fault_of(code);
    result.cause = cause_of(code, result.address);
    if (code == 0) {
      result.socket = std::move(socket);
      return result;
    }
  }
  return result;
}

bool is_loopback(const std::string& host) {
  in_addr v4{};
  in6_addr v6{};
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1)
    return ntohl(v4.s_addr) >> 24 == 127;
  if (::inet_pton(AF_INET6, host.c_str(), &v6) == 1)
    return IN6_IS_ADDR_LOOPBACK(&v6) != 0;
  return host == "localhost";
}

std::string cannot_listen(const endpoint& x) {
  auto names = look_up(x, AI_PASSIVE);
  if (names.code != 0)
    return "the name \"" + x.host + "\" is not known here";
  auto& to = *names.found;
  tcp_socket socket{::socket(to.ai_family, to.ai_socktype | SOCK_CLOEXEC, 0)};
  int on = 1;
  ::setsockopt(socket.descriptor(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (::bind(socket.descriptor(), to.ai_addr, to.ai_addrlen) == 0
      && ::listen(socket.descriptor(), 1) == 0)
    return {};
  switch (errno) {
    case EADDRINUSE: return "in use";
    case EADDRNOTAVAIL: return "no network interface here has this address";
    case EACCES: return "ports below 1024 need root or a capability";
    default: return std::strerror(errno);
  }
}

} // namespace tickerflow
