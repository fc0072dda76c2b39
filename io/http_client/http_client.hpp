#pragma once

#include "messages/errc.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <string>

namespace tickerflow {

/// Where requests go and how long they may take.
struct http_client_options {
  std::string url;     // "https://host[:port]" or "http://..."
  std::string ca_file; // a further trust anchor, PEM; empty: the system's only
  std::chrono::milliseconds timeout{10'000}; // of each step of a request
  size_t largest_body = 64 * 1024 * 1024;
};

struct http_answer {
  int status = 0;
  std::map<std::string, std::string> headers; // names in lower case
  std::string body;
};

/// Calls one server over a connection that is kept. Blocks; not thread-safe.
///
/// Errors  unavailable: no connection, no answer in time, cut off in the middle
///         refused: the server's certificate is not trusted or for another name
///         bad_setting: the URL or the CA file
class http_client {
public:
  explicit http_client(http_client_options options);
  ~http_client();

  /// @param target path and query, escaped; may hold a secret: it is in no
  ///        error text
  caf::expected<http_answer>
  get(const std::string& target,
      const std::map<std::string, std::string>& headers = {});

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickerflow
