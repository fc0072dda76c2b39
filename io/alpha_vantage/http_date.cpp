#include "io/alpha_vantage/http_date.hpp"

#include <date/date.h>

#include <charconv>

namespace tickerflow {

namespace {

int digits(std::string_view text) {
  int value = -1;
  auto end = text.data() + text.size();
  auto read = std::from_chars(text.data(), end, value);
  return read.ec == std::errc{} && read.ptr == end ? value : -1;
}

} // namespace

std::optional<timestamp> parse_http_date(std::string_view text) {
  // "Thu, 29 Feb 2024 04:39:11 GMT"
  if (text.size() != 29 || text.substr(3, 2) != ", " || text[7] != ' '
      || text[11] != ' ' || text[16] != ' ' || text[19] != ':'
      || text[22] != ':' || text.substr(25) != " GMT")
    return std::nullopt;
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  auto month = months.find(text.substr(8, 3));
  if (month == std::string_view::npos || month % 3 != 0)
    return std::nullopt;
  auto day = digits(text.substr(5, 2));
  auto year = digits(text.substr(12, 4));
  auto hour = digits(text.substr(17, 2));
  auto minute = digits(text.substr(20, 2));
  auto second = digits(text.substr(23, 2));
  if (day < 1 || year < 1970 || hour < 0 || hour > 23 || minute < 0
      || minute > 59 || second < 0 || second > 60)
    return std::nullopt;
  auto date = date::year{year}
              / date::month(static_cast<unsigned>(month) / 3 + 1)
              / date::day(static_cast<unsigned>(day));
  if (!date.ok())
    return std::nullopt;
  return date::sys_days{date} + std::chrono::hours(hour)
         + std::chrono::minutes(minute) + std::chrono::seconds(second);
}

} // namespace tickerflow
