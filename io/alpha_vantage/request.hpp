#pragma once

#include "messages/fetch.hpp"

#include <string>
#include <string_view>

namespace tickerflow {

/// What all requests to Alpha Vantage have in common.
struct request_options {
  std::string key;         // secret
  std::string entitlement; // "", "delayed", "realtime"
  bool extended_hours = true;
  bool key_in_header = false; // RapidAPI's dialect: no apikey in the URL
};

/// @returns "/query?function=TIME_SERIES_INTRADAY&..." with the key in it:
///          never log it
std::string request_target(const intraday_request& x,
                           const request_options& options);

/// @returns the same with *** for the key: for logs
std::string redacted_target(const intraday_request& x,
                            const request_options& options);

/// @returns what stands for a key where it is stored: 32 hexadecimal digits of
///          its SHA-256
std::string key_fingerprint(const std::string& key);

/// Escapes all but A-Z a-z 0-9 - . _ ~ (RFC 3986).
std::string url_escape(std::string_view text);

/// Replaces each occurrence of a key, also its escaped form, by ***. A key of
/// under three characters hides nothing and is left.
std::string without_key(std::string text, const std::string& key);

} // namespace tickerflow
