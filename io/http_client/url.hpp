#pragma once

#include <optional>
#include <string>

namespace tickerflow {

/// The parts of "scheme://host[:port][/path]".
struct server_url {
  bool tls = false;
  std::string host; // an IPv6 address is without its brackets
  std::string port; // as given, else 80 or 443
  std::string path; // without a slash at its end: "" or "/api"

  /// @returns what the Host header says
  std::string authority() const;
};

/// @returns nothing for other schemes, user names and what has no host
std::optional<server_url> parse_server_url(const std::string& text);

} // namespace tickerflow
