#include "io/settings/dsn.hpp"

#include "io/settings/settings.hpp"

#include <algorithm>
#include <cctype>

namespace tickerflow {

namespace {

/// Half-open place of a value in a connection string.
struct extent {
  std::size_t start;
  std::size_t end;
};

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)); }

bool is_url(const std::string& text) {
  return text.find("://") != std::string::npos;
}

std::string lower(std::string text) {
  for (auto& c : text)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

bool is_password_key(const std::string& key) {
  return key == "password" || key == "sslpassword";
}

/// One key=value pair of libpq's other form.
struct pair_place {
  std::string key;
  extent value; // with its quotes
};

/// @returns nothing where the text is no list of key=value pairs
std::vector<pair_place> pairs_of(const std::string& text) {
  std::vector<pair_place> result;
  std::size_t i = 0;
  auto skip_spaces = [&] {
    while (i < text.size() && is_space(text[i]))
      ++i;
  };
  for (skip_spaces(); i < text.size(); skip_spaces()) {
    auto key_start = i;
    while (i < text.size() && text[i] != '=' && !is_space(text[i]))
      ++i;
    auto key = text.substr(key_start, i - key_start);
    skip_spaces();
    if (key.empty() || i == text.size() || text[i] != '=')
      return {};
    ++i;
    skip_spaces();
    auto start = i;
    auto quoted = i < text.size() && text[i] == '\'';
    if (quoted)
      ++i;
    auto closed = !quoted;
    for (; i < text.size(); ++i) {
      if (text[i] == '\\' && i + 1 < text.size())
        ++i;
      else if (quoted && text[i] == '\'') {
        ++i;
        closed = true;
        break;
      } else if (!quoted && is_space(text[i]))
        break;
    }
    if (!closed)
      return {};
    result.push_back({lower(key), {start, i}});
  }
  return result;
}

/// Places of passwords in a URL: after "user:" and as a parameter.
std::vector<extent> url_passwords(const std::string& text) {
  std::vector<extent> result;
  auto start = text.find("://") + 3;
  auto end = std::min(text.find_first_of("/?", start), text.size());
  // The last @, so that one in the password is not taken for its end.
  auto at = text.rfind('@', end == 0 ? 0 : end - 1);
  // A password with a raw / or ? breaks the URL; libpq would refuse it, but
  // the mask must hold even so.
  if (auto later = text.rfind('@'); later != std::string::npos && later > end)
    if (text.find(':', start) < later && text.find('?') > later)
      at = later;
  if (at != std::string::npos && at >= start) {
    auto colon = text.find(':', start);
    if (colon < at)
      result.push_back({colon + 1, at});
  }
  auto query = text.find('?', at == std::string::npos ? start : at);
  while (query != std::string::npos && query < text.size()) {
    auto next = std::min(text.find('&', query + 1), text.size());
    auto equals = text.find('=', query);
    if (equals < next
        && is_password_key(lower(text.substr(query + 1, equals - query - 1))))
      result.push_back({equals + 1, next});
    query = next;
  }
  return result;
}

std::vector<extent> password_places(const std::string& text) {
  if (is_url(text))
    return url_passwords(text);
  std::vector<extent> result;
  for (auto& x : pairs_of(text))
    if (is_password_key(x.key))
      result.push_back(x.value);
  return result;
}

std::string url_decoded(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()
        && std::isxdigit(static_cast<unsigned char>(text[i + 1]))
        && std::isxdigit(static_cast<unsigned char>(text[i + 2]))) {
      result +=
          static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

/// Without the quotes and backslashes of the key=value form.
std::string unquoted(const std::string& text) {
  std::string result;
  auto quoted = text.size() >= 2 && text.front() == '\'';
  for (std::size_t i = quoted ? 1 : 0; i < text.size() - (quoted ? 1 : 0);
       ++i) {
    if (text[i] == '\\' && i + 1 < text.size())
      ++i;
    result += text[i];
  }
  return result;
}

std::string quoted(const std::string& text) {
  if (!text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
        return is_space(c) || c == '\'' || c == '\\';
      }))
    return text;
  std::string result = "'";
  for (auto c : text) {
    if (c == '\'' || c == '\\')
      result += '\\';
    result += c;
  }
  return result + "'";
}

} // namespace

bool is_dsn(const std::string& text) {
  if (is_url(text))
    return text.rfind("postgresql://", 0) == 0
           || text.rfind("postgres://", 0) == 0;
  return !pairs_of(text).empty();
}

std::vector<std::string> passwords_in(const std::string& dsn) {
  std::vector<std::string> result;
  for (auto [start, end] : password_places(dsn)) {
    auto raw = dsn.substr(start, end - start);
    result.push_back(raw);
    result.push_back(is_url(dsn) ? url_decoded(raw) : unquoted(raw));
  }
  return result;
}

std::string mask_dsn(const std::string& dsn) {
  auto places = password_places(dsn);
  auto result = dsn;
  // From the end, so that earlier places stay where they are.
  std::reverse(places.begin(), places.end());
  for (auto [start, end] : places)
    if (end > start)
      result.replace(start, end - start, "***");
  // Not readable, but it may hold a password all the same.
  if (places.empty() && !is_dsn(dsn)
      && (lower(dsn).find("password") != std::string::npos
          || dsn.find('@') != std::string::npos))
    return "***";
  return result;
}

std::string with_password(const std::string& dsn, const std::string& password) {
  if (password.empty() || dsn.empty() || !password_places(dsn).empty())
    return dsn;
  return with_parameter(dsn, "password", password);
}

std::string with_parameter(const std::string& dsn, const std::string& name,
                           const std::string& value) {
  if (!is_url(dsn))
    return dsn + ' ' + name + '=' + quoted(value);
  auto separator = dsn.find('?') == std::string::npos ? '?' : '&';
  return dsn + separator + name + '=' + url_encoded(value);
}

std::string make_dsn(const postgres_settings& x) {
  auto result = "host=" + quoted(x.host) + " port=" + std::to_string(x.port)
                + " user=" + quoted(x.user) + " dbname=" + quoted(x.database);
  if (!x.password.empty())
    result += " password=" + quoted(x.password);
  return result;
}

std::string url_encoded(const std::string& text) {
  constexpr auto digits = "0123456789ABCDEF";
  std::string result;
  for (unsigned char c : text) {
    if (std::isalnum(c) || c == '-' || c == '_' || c == '.' || c == '~') {
      result += static_cast<char>(c);
    } else {
      result += '%';
      result += digits[c >> 4];
      result += digits[c & 15];
    }
  }
  return result;
}

} // namespace tickerflow
