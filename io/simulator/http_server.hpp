#pragma once

#include "io/simulator/http_messages.hpp"

#include <cstdint>
#include <memory>

namespace tickerflow::sim {

struct http_server_options {
  std::string bind = "127.0.0.1";
  std::uint16_t port = 0; // 0 = any free one
  int threads = 2;
  std::string tls_certificate; // PEM file with the chain; empty = plain HTTP
  std::string tls_key;         // PEM file
};

/// HTTP/1.1 server with keep-alive; requests are bounded in size (16 KiB of
/// header, 64 KiB of body), connections in number (4096) and idle time (60 s).
class http_server {
public:
  /// Binds the port; requests are answered after start().
  /// @throws std::runtime_error saying what is in the way and what to do
  http_server(http_server_options options, http_handler handler);
  ~http_server();

  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  std::uint16_t port() const;

  void start();

  /// Accepts no more, ends idle connections, lets answers under way end for up
  /// to 2 s. May be called twice.
  void stop();

private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace tickerflow::sim
