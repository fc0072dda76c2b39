#include "io/http_client/url.hpp"

#include <algorithm>

namespace tickerflow {

std::string server_url::authority() const {
  auto is_ipv6 = host.find(':') != std::string::npos;
  auto result = is_ipv6 ? '[' + host + ']' : host;
  return port == (tls ? "443" : "80") ? result : result + ':' + port;
}

std::optional<server_url> parse_server_url(const std::string& text) {
  auto scheme_end = text.find("://");
  if (scheme_end == std::string::npos)
    return std::nullopt;
  auto scheme = text.substr(0, scheme_end);
  server_url result;
  result.tls = scheme == "https";
  if (scheme != "http" && scheme != "https")
    return std::nullopt;
  auto rest = text.substr(scheme_end + 3);
  auto slash = std::min(rest.find('/'), rest.size());
  auto place = rest.substr(0, slash);
  result.path = rest.substr(slash);
  while (!result.path.empty() && result.path.back() == '/')
    result.path.pop_back();
  if (place.find_first_of("@?# ") != std::string::npos)
    return std::nullopt;
  // "[::1]:8082": the colons of the address are no port.
  auto bracket =
      place.empty() || place[0] != '[' ? std::string::npos : place.find(']');
  auto colon = place.find(':', bracket == std::string::npos ? 0 : bracket);
  result.host = place.substr(0, colon);
  if (bracket != std::string::npos)
    result.host = place.substr(1, bracket - 1);
  result.port = result.tls ? "443" : "80";
  if (colon != std::string::npos)
    result.port = place.substr(colon + 1);
  auto is_number = !result.port.empty()
                   && std::all_of(result.port.begin(), result.port.end(),
                                  [](char c) { return c >= '0' && c <= '9'; });
  if (result.host.empty() || !is_number)
    return std::nullopt;
  return result;
}

} // namespace tickerflow
