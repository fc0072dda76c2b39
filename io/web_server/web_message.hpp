#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickerflow {

/// Names and values of HTTP headers; of a request the names in lower case.
using web_headers = std::vector<std::pair<std::string, std::string>>;

/// A request as it came, nothing of it checked but that it is HTTP/1.1.
struct web_request {
  std::string method; // GET, POST, ...
  std::string path;   // as sent, percent signs and all, without the query
  std::string query;  // behind the question mark
  web_headers headers;
  std::string body;
  std::string remote; // the client's address
  bool tls = false;

  /// @returns the first header of that name (lower case), else nothing
  std::string header(std::string_view name) const;

  /// @returns how often the header is there
  std::size_t count(std::string_view name) const;

  /// @returns the value of a cookie, else nothing
  std::string cookie(std::string_view name) const;
};

struct web_reply {
  unsigned status = 200;
  std::string content_type; // empty: there is no body
  std::string body;
  web_headers headers;
};

/// Decodes percent signs, and blanks written as + if `form`.
/// @returns nothing if a percent sign is not followed by two digits
std::optional<std::string> percent_decoded(std::string_view text, bool form);

/// @returns names and values of a query; nothing if it cannot be decoded
std::optional<web_headers> query_fields(std::string_view query);

/// @returns whether it is UTF-8 without NUL: what JSON and PostgreSQL take
bool is_text(std::string_view bytes);

/// @returns "Tue, 24 Nov 2026 23:16:03 GMT" for Unix seconds
std::string http_date(std::int64_t unix_s);

} // namespace tickerflow
