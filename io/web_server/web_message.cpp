#include "io/web_server/web_message.hpp"

#include <algorithm>
#include <ctime>

namespace tickerflow {

namespace {

int digit_of(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/// @returns the length of the UTF-8 sequence at the front, 0 if it is none
std::size_t sequence_length(std::string_view x) {
  auto at = [&](std::size_t i) { return static_cast<unsigned char>(x[i]); };
  auto follows = [&](std::size_t n) {
    if (x.size() <= n)
      return false;
    for (std::size_t i = 1; i <= n; ++i)
      if ((at(i) & 0xC0) != 0x80)
        return false;
    return true;
  };
  if (at(0) < 0x80)
    return at(0) == 0 ? 0 : 1;
  if (at(0) >= 0xC2 && at(0) < 0xE0)
    return follows(1) ? 2 : 0;
  if ((at(0) & 0xF0) == 0xE0 && follows(2)) {
    auto value = ((at(0) & 0x0F) << 12) | ((at(1) & 0x3F) << 6);
    return value >= 0x800 && (value & 0xF800) != 0xD800 ? 3 : 0;
  }
  if (at(0) >= 0xF0 && at(0) < 0xF5 && follows(3)) {
    auto value = ((at(0) & 0x07) << 18) | ((at(1) & 0x3F) << 12);
    return value >= 0x10000 && value < 0x110000 ? 4 : 0;
  }
  return 0;
}

} // namespace

std::string web_request::header(std::string_view name) const {
  for (auto& [key, value] : headers)
    if (key == name)
      return value;
  return {};
}

std::size_t web_request::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(headers.begin(), headers.end(),
                    [&](auto& x) { return x.first == name; }));
}

std::string web_request::cookie(std::string_view name) const {
  for (auto& [key, value] : headers) {
    if (key != "cookie")
      continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      auto part = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(rest.size(), part.size() + 1));
      part.remove_prefix(std::min(part.size(), part.find_first_not_of(' ')));
      auto equals = part.find('=');
      if (equals != part.npos && part.substr(0, equals) == name)
        return std::string{part.substr(equals + 1)};
    }
  }
  return {};
}

std::optional<std::string> percent_decoded(std::string_view text, bool form) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && form) {
      result += ' ';
    } else if (text[i] != '%') {
      result += text[i];
    } else {
      auto high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
      auto low = i + 2 < text.size() ? digit_of(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        return std::nullopt;
      result += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return result;
}

std::optional<web_headers> query_fields(std::string_view query) {
  web_headers result;
  while (!query.empty()) {
    auto part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    if (part.empty())
      continue;
    auto equals = std::min(part.size(), part.find('='));
    auto name = percent_decoded(part.substr(0, equals), true);
    auto value =
        percent_decoded(part.substr(std::min(part.size(), equals + 1)), true);
    if (!name || !value)
      return std::nullopt;
    result.emplace_back(std::move(*name), std::move(*value));
  }
  return result;
}

bool is_text(std::string_view bytes) {
  while (!bytes.empty()) {
    auto length = sequence_length(bytes);
    if (length == 0)
      return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string http_date(std::int64_t unix_s) {
  auto seconds = static_cast<std::time_t>(unix_s);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  // Not by strftime: names must not follow the locale.
  constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed",
                                  "Thu", "Fri", "Sat"};
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char text[40];
  std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT",
                days[parts.tm_wday], parts.tm_mday, months[parts.tm_mon],
                (1900 + parts.tm_year) % 10000, parts.tm_hour, parts.tm_min,
                parts.tm_sec);
  return text;
}

} // namespace tickerflow
