#pragma once

#include "io/web_server/rate_limit.hpp"
#include "io/web_server/web_message.hpp"
#include "nodes/console/problem.hpp"
#include "nodes/console/sessions.hpp"

#include <set>
#include <variant>

namespace tickerflow::console {

constexpr const char* session_cookie = "tickerflow_session";

/// Who sent a request that may be answered.
struct caller {
  role who = role::viewer;
  std::string address;
  std::string session_id; // empty: came with a token
  std::string csrf;       // of the session
  std::optional<std::chrono::system_clock::time_point> expires_at;
};

struct access_options {
  std::string operator_token;
  std::string viewer_token;    // empty: there are no viewers
  std::set<std::string> hosts; // allowed in Host, lower case, without port
  bool any_address = false;    // also every IP address there
};

/// Decides who may ask for what. Thread-safe.
///
/// - Host must be one of ours: a foreign page cannot reach us under its own
///   name (DNS rebinding).
/// - Origin, if a browser names one, must be the same: always for what changes
///   something and for WebSockets.
/// - A session's request that changes something needs its CSRF token.
/// - Tokens are compared in constant time; after ten wrong ones an address may
///   try one in 6 s. Who has shown a right one from there is not held up.
class access_rules {
public:
  using time = std::chrono::system_clock::time_point;

  explicit access_rules(access_options x);

  /// @returns why the request is not for us
  std::optional<problem> check_host(const web_request& x) const;

  /// @returns why the page that sent it must not
  std::optional<problem> check_origin(const web_request& x) const;

  /// Who asks, by bearer token or cookie.
  std::variant<caller, problem> identify(const web_request& x, time now);

  /// @returns why a request that changes something is not taken
  std::optional<problem> check_change(const web_request& x,
                                      const caller& y) const;

  /// Takes a token.
  /// @returns its role
  std::variant<role, problem> try_token(const std::string& token,
                                        const std::string& address);

  session_board& sessions() { return sessions_; }

private:
  access_options options_;
  session_board sessions_;
  std::mutex mutex_;
  rate_limit failures_{1.0 / 6, 10};
  std::set<std::string> trusted_; // digests of address and right token
};

/// @returns the host of a Host header: no port, no brackets, lower case
std::string host_in(const std::string& header);

/// @returns whether it is an IP address
bool is_ip_address(const std::string& host);

} // namespace tickerflow::console
