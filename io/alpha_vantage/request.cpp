#include "io/alpha_vantage/request.hpp"

#include "io/event/event.hpp" // for format_interval

#include <openssl/sha.h>

namespace tickerflow {

namespace {

void replace_all(std::string& text, const std::string& from,
                 std::string_view to) {
  for (auto i = text.find(from); i != std::string::npos;
       i = text.find(from, i + to.size()))
    text.replace(i, from.size(), to);
}

std::string target_with(const intraday_request& x,
                        const request_options& options,
                        const std::string& key) {
  std::string result = "/query?function=TIME_SERIES_INTRADAY";
  auto add = [&result](const char* name, const std::string& value) {
    result += '&';
    result += name;
    result += '=';
    result += value;
  };
  add("symbol", url_escape(x.symbol));
  add("interval", format_interval(x.interval));
  // Adjusted prices change with each dividend: what was stored before would
  // not join with what is fetched after.
  add("adjusted", "false");
  add("extended_hours", options.extended_hours ? "true" : "false");
  add("outputsize", x.full ? "full" : "compact");
  if (!x.month.empty())
    add("month", url_escape(x.month));
  if (!options.entitlement.empty())
    add("entitlement", url_escape(options.entitlement));
  add("datatype", "json");
  if (!options.key_in_header)
    add("apikey", key);
  return result;
}

} // namespace

std::string request_target(const intraday_request& x,
                           const request_options& options) {
  return target_with(x, options, url_escape(options.key));
}

std::string redacted_target(const intraday_request& x,
                            const request_options& options) {
  return target_with(x, options, "***");
}

std::string key_fingerprint(const std::string& key) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(),
         digest);
  constexpr char hex[] = "0123456789abcdef";
  std::string result;
  for (size_t i = 0; i < 16; ++i) {
    result += hex[digest[i] >> 4];
    result += hex[digest[i] & 15];
  }
  return result;
}

std::string url_escape(std::string_view text) {
  constexpr char hex[] = "0123456789ABCDEF";
  std::string result;
  for (auto c : text) {
    auto byte = static_cast<unsigned char>(c);
    auto is_plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
                    || (c >= '0' && c <= '9') || c == '-' || c == '.'
                    || c == '_' || c == '~';
    if (is_plain) {
      result += c;
    } else {
      result += '%';
      result += hex[byte >> 4];
      result += hex[byte & 15];
    }
  }
  return result;
}

std::string without_key(std::string text, const std::string& key) {
  if (key.size() < 3)
    return text;
  replace_all(text, key, "***");
  auto escaped = url_escape(key);
  if (escaped != key)
    replace_all(text, escaped, "***");
  return text;
}

} // namespace tickerflow
