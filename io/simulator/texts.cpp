#include "io/simulator/texts.hpp"

#include "market/exchange_time.hpp"

#include <date/tz.h>

#include <algorithm>
#include <cctype>

namespace tickerflow::sim {

namespace {

int digits(std::string_view text) {
  int value = 0;
  for (auto c : text) {
    if (c < '0' || c > '9')
      return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string decode(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0
        && hex_digit(text[i + 2]) >= 0) {
      result += static_cast<char>(hex_digit(text[i + 1]) * 16
                                  + hex_digit(text[i + 2]));
      i += 2;
    } else {
      result += text[i] == '+' ? ' ' : text[i];
    }
  }
  return result;
}

} // namespace

std::vector<std::string_view> split_text(std::string_view text,
                                         char separator) {
  std::vector<std::string_view> result;
  while (true) {
    auto end = text.find(separator);
    result.push_back(text.substr(0, end));
    if (end == std::string_view::npos)
      return result;
    text.remove_prefix(end + 1);
  }
}

std::optional<date::sys_days> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-')
    return std::nullopt;
  auto year = digits(text.substr(0, 4));
  auto month = digits(text.substr(5, 2));
  auto day = digits(text.substr(8, 2));
  if (year < 0 || month < 0 || day < 0)
    return std::nullopt;
  auto result = date::year{year} / month / day;
  if (!result.ok())
    return std::nullopt;
  return date::sys_days{result};
}

std::optional<std::chrono::seconds> parse_time_of_day(std::string_view text) {
  if (text.size() != 8 || text[2] != ':' || text[5] != ':')
    return std::nullopt;
  auto hour = digits(text.substr(0, 2));
  auto minute = digits(text.substr(3, 2));
  auto second = digits(text.substr(6, 2));
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0
      || second > 59)
    return std::nullopt;
  return std::chrono::hours(hour) + std::chrono::minutes(minute)
         + std::chrono::seconds(second);
}

std::optional<timestamp> parse_instant(const std::string& text) {
  if (auto result = parse_rfc3339(text))
    return result;
  return parse_wall_time(text, exchange_zone);
}

date::sys_days exchange_date(timestamp t) {
  auto offset = date::locate_zone(exchange_zone)->get_info(t).offset;
  return date::floor<date::days>(t + offset);
}

void append_fixed_e4(std::string& out, std::int64_t price_e4) {
  auto magnitude = static_cast<std::uint64_t>(price_e4);
  if (price_e4 < 0) {
    out += '-';
    magnitude = 0 - magnitude;
  }
  out += std::to_string(magnitude / price_scale);
  auto rest = magnitude % price_scale;
  char fraction[5] = {'.', static_cast<char>('0' + rest / 1000),
                      static_cast<char>('0' + rest / 100 % 10),
                      static_cast<char>('0' + rest / 10 % 10),
                      static_cast<char>('0' + rest % 10)};
  out.append(fraction, sizeof fraction);
}

void wall_time_writer::append(std::string& out, timestamp t) {
  if (t < from_ || t >= to_) {
    auto found = date::locate_zone(exchange_zone)->get_info(t);
    from_ = found.begin;
    to_ = found.end;
    offset_ = found.offset;
  }
  auto position = out.size();
  append_rfc3339(out, t + offset_);
  out[position + 10] = ' ';
  out.pop_back(); // the Z
}

std::map<std::string, std::string> parse_parameters(std::string_view query) {
  std::map<std::string, std::string> result;
  for (auto part : split_text(query, '&')) {
    if (part.empty())
      continue;
    auto sign = std::min(part.find('='), part.size());
    auto value = sign < part.size() ? part.substr(sign + 1) : "";
    result[decode(part.substr(0, sign))] = decode(value);
  }
  return result;
}

std::string to_upper(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return std::toupper(c); });
  return result;
}

} // namespace tickerflow::sim
