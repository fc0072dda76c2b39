#pragma once

#include "io/web_server/web_message.hpp"
#include "messages/errc.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <variant>

namespace tickerflow {

/// The server's end of a WebSocket. Every member may be called by any thread
/// and returns at once; a socket that is gone ignores it.
class web_socket {
public:
  virtual ~web_socket() = default;

  /// Sends a text. One of the same key that still waits is replaced: a slow
  /// client skips states, it does not fall behind.
  virtual void send(const std::string& key,
                    std::shared_ptr<const std::string> text) = 0;

  /// Says why and closes.
  virtual void close(const std::string& reason) = 0;
};

/// What happens at a WebSocket; called by the server's thread, must not block.
class web_socket_user {
public:
  virtual ~web_socket_user() = default;
  virtual void opened(std::shared_ptr<web_socket> x) = 0;
  virtual void received(const std::string& text) = 0;
  /// @param reason for the log: left, slow, silent, ...
  virtual void closed(const std::string& reason) = 0;
};

/// A WebSocket that may be opened.
struct web_socket_opening {
  std::shared_ptr<web_socket_user> user;
  std::string subprotocol; // empty: none
};

struct web_handlers {
  /// Answers a request; may block, runs in the server's own pool.
  std::function<web_reply(const web_request&)> answer;
  /// Lets a WebSocket be opened, or says why not; may block, too.
  std::function<std::variant<web_reply, web_socket_opening>(const web_request&)>
      open_socket;
  /// Makes the answer to what the server refuses by itself.
  std::function<web_reply(unsigned status, const std::string& detail)> refuse;
};

struct web_server_options {
  std::string host;
  std::uint16_t port = 0;
  std::string certificate; // PEM files; both empty: no TLS
  std::string key;
  int handler_threads = 4;
  std::size_t most_connections = 600; // further ones are closed at once
  std::size_t most_sockets = 500;     // WebSockets among them
  std::size_t most_waiting = 256;     // requests that are not answered yet
  std::uint32_t header_bytes = 16 * 1024;
  std::uint64_t body_bytes = 64 * 1024;
  std::size_t socket_message_bytes = 16 * 1024; // from a client
  double requests_per_s = 200;                  // of one address
  double request_burst = 600;
  std::chrono::milliseconds handshake_limit{10'000};
  std::chrono::milliseconds idle_limit{60'000};     // between two requests
  std::chrono::milliseconds request_limit{10'000};  // to send one whole
  std::chrono::milliseconds response_limit{30'000}; // to take an answer whole
  std::chrono::milliseconds socket_write_limit{10'000}; // to take one text
  std::chrono::milliseconds socket_idle_limit{60'000};  // to answer a ping
};

/// An HTTP/1.1 and WebSocket server: one thread for all sockets, a small pool
/// for handlers. Busy actors do not keep it from answering, nor it them.
///
/// Bounds  connections, requests a second of an address, sizes, and the time a
///         client takes: a slow one is dropped
class web_server {
public:
  /// Errors  bad_setting: the address cannot be listened on, a certificate
  ///         cannot be used
  static caf::expected<std::unique_ptr<web_server>>
  start(web_server_options options, web_handlers handlers);

  /// Waits for handlers that still run.
  ~web_server();

  web_server(const web_server&) = delete;
  web_server& operator=(const web_server&) = delete;

  std::uint16_t port() const;

private:
  struct implementation;
  explicit web_server(std::unique_ptr<implementation> x);

  std::unique_ptr<implementation> implementation_;
};

} // namespace tickerflow
