#include "io/log/redact.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <mutex>
#include <shared_mutex>

namespace tickerflow {

namespace {

struct registry {
  std::shared_mutex guard;
  std::vector<std::string> secrets; // longest first
};

registry& known() {
  static registry result;
  return result;
}

void replace_all(std::string& text, const std::string& what) {
  for (auto at = text.find(what); at != std::string::npos;
       at = text.find(what, at + 3))
    text.replace(at, what.size(), "***");
}

bool matches_at(const std::string& text, std::size_t at,
                std::string_view word) {
  if (text.size() - at < word.size())
    return false;
  for (std::size_t i = 0; i < word.size(); ++i)
    if (std::tolower(static_cast<unsigned char>(text[at + i])) != word[i])
      return false;
  return true;
}

/// Masks what follows `key=`, quoted or up to what ends a parameter.
void mask_after(std::string& text, std::string_view key) {
  for (std::size_t at = 0; at + key.size() < text.size(); ++at) {
    if (!matches_at(text, at, key))
      continue;
    auto start = at + key.size();
    auto end = start;
    if (text[start] == '\'') {
      // A password quoted for libpq, whose quotes are escaped.
      for (++end; end < text.size() && text[end] != '\''; ++end)
        if (text[end] == '\\')
          ++end;
      end = std::min(end + 1, text.size());
    } else {
      end = std::min(text.find_first_of("& \t\r\n\"')", start), text.size());
    }
    if (end > start)
      text.replace(start, end - start, "***");
    at = start;
  }
}

/// Masks the password of scheme://user:password@host.
void mask_url_passwords(std::string& text) {
  for (auto at = text.find("://"); at != std::string::npos;
       at = text.find("://", at + 3)) {
    auto start = at + 3;
    auto end = std::min(text.find_first_of("/? \t\r\n\"'", start), text.size());
    auto host = text.rfind('@', end);
    auto colon = text.find(':', start);
    if (host == std::string::npos || host < start || colon >= host)
      continue;
    text.replace(colon + 1, host - colon - 1, "***");
  }
}

} // namespace

void register_secret(const std::string& text) {
  if (text.size() < 3)
    return;
  auto& [guard, secrets] = known();
  std::unique_lock lock{guard};
  if (std::find(secrets.begin(), secrets.end(), text) != secrets.end())
    return;
  // Longest first, so that a secret inside another leaves no rest.
  auto place = std::find_if(secrets.begin(), secrets.end(),
                            [&](auto& x) { return x.size() < text.size(); });
  secrets.insert(place, text);
}

void register_secrets(const std::vector<std::string>& texts) {
  for (auto& text : texts)
    register_secret(text);
}

std::string redact(std::string_view text) {
  std::string result{text};
  {
    auto& [guard, secrets] = known();
    std::shared_lock lock{guard};
    for (auto& secret : secrets)
      replace_all(result, secret);
  }
  for (std::string_view key : {"apikey=", "api_key=", "password=", "passwd="})
    mask_after(result, key);
  mask_url_passwords(result);
  return result;
}

} // namespace tickerflow
