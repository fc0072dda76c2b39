#include "io/alpha_vantage/refusals.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace tickerflow {

namespace {

std::string lower(std::string_view text) {
  std::string result{text};
  std::transform(
      result.begin(), result.end(), result.begin(),
      [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

constexpr size_t longest_text = 400; // of a body that is quoted

} // namespace

refusal_class classify_refusal(std::string_view text) {
  auto words = lower(text);
  auto says = [&words](std::string_view part) {
    return words.find(part) != std::string::npos;
  };
  if (says("1 request per second") || says("more sparingly"))
    return refusal_class::burst;
  if (says("calls per minute") || says("requests per minute"))
    return refusal_class::per_minute;
  if (says("requests per day") || says("calls per day"))
    return refusal_class::daily;
  if (says("premium endpoint") || says("premium feature"))
    return refusal_class::premium;
  if (says("apikey is invalid or missing") || says("**demo** api key"))
    return refusal_class::bad_key;
  if (says("invalid api call"))
    return refusal_class::bad_call;
  if (says("does not exist"))
    return refusal_class::bad_function;
  return refusal_class::unknown;
}

std::string redact_key(std::string text, const std::string& key) {
  if (key.size() < 4) // "demo" is no secret, shorter ones are no keys
    return text;
  for (size_t at = 0; (at = text.find(key, at)) != std::string::npos;)
    text.replace(at, key.size(), "***");
  return text;
}

std::optional<intraday_refusal>
refusal_of_status(int status, std::string_view body,
                  const std::map<std::string, std::string>& headers,
                  const std::string& key) {
  if (status == 200)
    return std::nullopt;
  intraday_refusal result;
  result.text = "HTTP " + std::to_string(status) + ": "
                + redact_key(std::string{body.substr(0, longest_text)}, key);
  auto after = headers.find("retry-after");
  if (after != headers.end()) {
    std::int64_t seconds = 0;
    auto& text = after->second;
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    result.retry_after_ms = std::clamp<std::int64_t>(seconds, 0, 86400) * 1000;
  }
  if (status == 429) {
    auto words = lower(body);
    result.kind = words.find("dai") != std::string::npos
                          || words.find("per day") != std::string::npos
                      ? refusal_class::daily
                      : refusal_class::per_minute;
  } else if (status == 401 || status == 403) {
    result.kind = refusal_class::bad_key;
  } else if (status >= 500 || status == 408) {
    result.kind = refusal_class::unavailable;
  } else {
    result.kind = refusal_class::unknown;
  }
  return result;
}

} // namespace tickerflow
