#include "nodes/console/access.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>

namespace tickerflow::console {

namespace {

constexpr std::size_t longest_token = 256;
constexpr std::size_t most_trusted = 1000;

std::string lower(std::string x) {
  for (auto& c : x)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return x;
}

/// @returns the token of "Authorization: Bearer TOKEN"
std::optional<std::string> bearer(const web_request& x) {
  auto value = x.header("authorization");
  if (value.empty())
    return std::nullopt;
  if (lower(value.substr(0, 7)) != "bearer ")
    return std::string{};
  auto start = value.find_first_not_of(' ', 7);
  return start == value.npos ? std::string{} : value.substr(start);
}

} // namespace

std::string host_in(const std::string& header) {
  auto result = lower(header);
  if (!result.empty() && result.front() == '[') {
    auto end = result.find(']');
    return end == result.npos ? std::string{} : result.substr(1, end - 1);
  }
  result = result.substr(0, result.find(':'));
  if (!result.empty() && result.back() == '.')
    result.pop_back();
  return result;
}

bool is_ip_address(const std::string& host) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, host.c_str(), bytes) == 1
         || ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

access_rules::access_rules(access_options x) : options_(std::move(x)) {}

std::optional<problem> access_rules::check_host(const web_request& x) const {
  auto host = host_in(x.header("host"));
  if (x.count("host") == 1
      && (options_.hosts.count(host) > 0
          || (options_.any_address && is_ip_address(host))))
    return std::nullopt;
  return problem{421, "forbidden",
                 "the console does not go by the name \"" + host
                     + "\": add it to console_hosts if it is right"};
}

std::optional<problem> access_rules::check_origin(const web_request& x) const {
  auto site = x.header("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none")
    return forbidden("another site's page must not do this");
  if (x.count("origin") == 0)
    return std::nullopt;
  auto origin = lower(x.header("origin"));
  auto scheme_end = origin.find("://");
  if (scheme_end != origin.npos) {
    auto place = origin.substr(scheme_end + 3);
    // Behind a proxy the port can differ, the name cannot.
    if (place == lower(x.header("host"))
        || (options_.hosts.count(host_in(place)) > 0
            && host_in(place) == host_in(x.header("host"))
            && !is_ip_address(host_in(place)) && host_in(place) != "localhost"))
      return std::nullopt;
  }
  return forbidden("a page of " + origin + " must not do this");
}

std::variant<role, problem>
access_rules::try_token(const std::string& token, const std::string& address) {
  auto now = std::chrono::steady_clock::now();
  auto known = digest_of(address + ' ' + token);
  std::lock_guard guard{mutex_};
  if (trusted_.count(known) == 0 && !failures_.allows(address, now))
    return too_many("too many wrong tokens came from " + address
                    + ": wait some seconds");
  auto is_operator = same_secret(token, options_.operator_token);
  auto is_viewer = same_secret(token, options_.viewer_token);
  if (!token.empty() && token.size() <= longest_token
      && (is_operator || (is_viewer && !options_.viewer_token.empty()))) {
    if (trusted_.size() >= most_trusted)
      trusted_.clear();
    trusted_.insert(known);
    return is_operator ? role::operator_ : role::viewer;
  }
  failures_.admit(address, now);
  return not_logged_in("the token is wrong: the start of the master and its "
                       "token file (console_token_file) tell the right one");
}

std::variant<caller, problem> access_rules::identify(const web_request& x,
                                                     time now) {
  caller result;
  result.address = x.remote;
  if (auto token = bearer(x)) {
    auto who = try_token(*token, x.remote);
    if (auto refusal = std::get_if<problem>(&who))
      return *refusal;
    result.who = std::get<role>(who);
    return result;
  }
  auto id = x.cookie(session_cookie);
  auto found = sessions_.find(id, now);
  if (!found)
    return not_logged_in(
        id.empty() ? "log in with a token: POST /api/v1/session, or the header "
                     "Authorization: Bearer TOKEN"
                   : "the session has ended: log in again");
  result.who = found->who;
  result.session_id = id;
  result.csrf = found->csrf;
  result.expires_at = found->expires_at;
  return result;
}

std::optional<problem> access_rules::check_change(const web_request& x,
                                                  const caller& y) const {
  if (auto refusal = check_origin(x))
    return refusal;
  if (!y.session_id.empty() && !same_secret(x.header("x-csrf-token"), y.csrf))
    return forbidden("the header X-CSRF-Token is missing or wrong: GET "
                     "/api/v1/session tells it as csrf");
  return std::nullopt;
}

} // namespace tickerflow::console
