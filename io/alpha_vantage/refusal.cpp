#include "io/alpha_vantage/refusal.hpp"

#include <algorithm>
#include <cctype>

namespace tickerflow {

std::optional<refusal_class> classify_refusal(const std::string& text) {
  auto lower = text;
  std::transform(
      lower.begin(), lower.end(), lower.begin(),
      [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  auto says = [&lower](const char* words) {
    return lower.find(words) != std::string::npos;
  };
  if (says("1 request per second") || says("requests per second")
      || says("more sparingly"))
    return refusal_class::burst;
  if (says("calls per minute") || says("requests per minute")
      || says("limit per minute"))
    return refusal_class::per_minute;
  if (says("requests per day") || says("calls per day") || says("daily quota")
      || says("monthly quota"))
    return refusal_class::daily;
  if (says("premium endpoint") || says("premium feature"))
    return refusal_class::premium;
  if (says("apikey is invalid or missing") || says("invalid api key")
      || says("not subscribed to this api") || says("**demo** api key"))
    return refusal_class::bad_key;
  if (says("invalid api call"))
    return refusal_class::bad_call;
  if (says("does not exist") || says("doesn't exist"))
    return refusal_class::bad_function;
  return std::nullopt;
}

std::optional<refusal_class> classify_status(unsigned status) {
  switch (status) {
    case 200: return std::nullopt;
    case 401:
    case 403: return refusal_class::bad_key;
    case 404: return refusal_class::bad_function;
    case 429: return refusal_class::per_minute;
    default: return refusal_class::unavailable;
  }
}

} // namespace tickerflow
