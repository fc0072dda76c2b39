#pragma once

#include "messages/errc.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tickerflow {

using http_headers = std::vector<std::pair<std::string, std::string>>;

struct http_client_options {
  std::string url;     // scheme://host[:port]; a path before the target is kept
  std::string ca_file; // PEM: trusted beside the system's authorities
  std::chrono::milliseconds connect_timeout{5'000}; // resolve, connect, TLS
  std::chrono::milliseconds read_timeout{10'000};   // longest silence
  std::chrono::milliseconds total_timeout{30'000};  // whole call
  std::size_t body_limit = 64 * 1024 * 1024;        // bytes
  // What an error tells to look at.
  std::string url_setting = "api_url";
  std::string ca_file_setting = "TICKERFLOW_API_CA_FILE";
};

struct http_answer {
  unsigned status = 0;
  http_headers headers;
  std::string body;
};

/// Asks one server for documents over a connection that is kept. Blocks; one
/// thread at a time.
///
/// Errors  `unavailable`: not reached, too slow, cut, too long; `refused`: the
///         server's certificate is not trusted; `bad_setting`: the URL or the
///         ca_file cannot be used. No error names the target: it holds the key.
class http_client {
public:
  explicit http_client(http_client_options options);
  ~http_client();

  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  /// @param target path and query, e.g. "/query?symbol=IBM"
  /// @param headers beside Host, User-Agent and Accept
  caf::expected<http_answer> get(const std::string& target,
                                 const http_headers& headers = {});

  /// Sends a request that changes something, without a body. Never twice: over
  /// a connection of its own, for one that was kept may turn out to be gone
  /// when it is not clear what the server has heard.
  caf::expected<http_answer> post(const std::string& target,
                                  const http_headers& headers = {});

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickerflow
