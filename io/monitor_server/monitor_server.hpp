#pragma once

#include "messages/errc.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace tickerflow {

class web_server;

struct monitor_reply {
  unsigned status = 200;
  std::string body; // text
};

/// Answers a path without its query; nothing if there is no such page. May
/// take a few seconds; called by two threads.
using monitor_handler =
    std::function<std::optional<monitor_reply>(const std::string& path)>;

struct monitor_server_options {
  std::string host; // address or name
  std::uint16_t port = 0;
  std::size_t most_connections = 32; // further ones are closed at once
  std::chrono::milliseconds request_limit{5'000};  // to send a request whole
  std::chrono::milliseconds idle_limit{30'000};    // between two requests
  std::chrono::milliseconds response_limit{5'000}; // to take an answer whole
};

/// A small HTTP/1.1 server for probes and Prometheus: GET and HEAD, plain text,
/// in threads of its own, so that busy actors do not keep it from answering.
///
/// Bounds  connections, the size of a request (8 KiB, no body), and the time a
///         client takes: a slow one is dropped
class monitor_server {
public:
  /// Errors  bad_setting: the address cannot be listened on
  static caf::expected<std::unique_ptr<monitor_server>>
  start(const monitor_server_options& options, monitor_handler handler);

  /// Waits for a handler that still runs.
  ~monitor_server();

  monitor_server(const monitor_server&) = delete;
  monitor_server& operator=(const monitor_server&) = delete;

  std::uint16_t port() const;

private:
  explicit monitor_server(std::unique_ptr<web_server> x);

  std::unique_ptr<web_server> server_;
};

} // namespace tickerflow
