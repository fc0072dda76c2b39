#pragma once

#include "io/reach/reach.hpp"

#include <optional>

namespace tickerflow {

/// What a web server showed of itself.
struct web_answer {
  std::string fault; // why there is no answer; empty if there is one
  bool bad_certificate = false;
  std::string status_line;            // "HTTP/1.1 200 OK"
  std::optional<std::int64_t> date_s; // its clock, since the epoch
};

/// Asks for "GET /", reads the head of the answer and closes. With TLS the
/// certificate is verified against the system's authorities and `ca_file`.
web_answer ask_start_page(const tcp_socket& socket, const std::string& host,
                          bool use_tls, const std::string& ca_file);

} // namespace tickerflow
