#pragma once

#include <algorithm>
#include <cctype>
#include <string>

namespace tickerflow {

/// @returns whether a librdkafka property of this name holds a secret, e.g.
///          sasl.password, ssl.key.pem, sasl.oauthbearer.client.secret
inline bool is_secret_key(std::string key) {
  std::transform(key.begin(), key.end(), key.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  for (auto part : {"password", "secret", "key.pem", "oauthbearer.config",
                    "jaas.config", "token"})
    if (key.find(part) != std::string::npos
        && key.find("endpoint") == std::string::npos)
      return true;
  return false;
}

} // namespace tickerflow
