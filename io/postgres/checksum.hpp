#pragma once

#include <openssl/sha.h>

#include <string>
#include <string_view>

namespace tickerflow {

/// @returns SHA-256 as 64 hexadecimal digits
inline std::string sha256(std::string_view text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         digest);
  std::string result;
  for (auto byte : digest) {
    constexpr auto hex = "0123456789abcdef";
    result += hex[byte >> 4];
    result += hex[byte & 15];
  }
  return result;
}

} // namespace tickerflow
