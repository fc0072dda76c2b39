#include "market/exchange_time.hpp"

#include <date/tz.h>

namespace tickerflow {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Reads `length` digits at a position; -1 if there are none.
int digits(std::string_view text, size_t position, size_t length) {
  if (position + length > text.size())
    return -1;
  int value = 0;
  for (auto c : text.substr(position, length)) {
    if (c < '0' || c > '9')
      return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

struct wall_clock {
  date::year_month_day date;
  seconds time_of_day{};
  size_t length = 0; // of the text that was read
};

/// Reads "YYYY-MM-DD[( |T)HH:MM[:SS]]" from the front of a text.
std::optional<wall_clock> read_wall_clock(std::string_view text) {
  auto year = digits(text, 0, 4);
  auto month = digits(text, 5, 2);
  auto day = digits(text, 8, 2);
  if (year < 0 || month < 0 || day < 0 || text[4] != '-' || text[7] != '-')
    return std::nullopt;
  wall_clock result;
  result.date = date::year{year} / month / day;
  result.length = 10;
  if (!result.date.ok())
    return std::nullopt;
  if (text.size() == 10)
    return result;
  auto hour = digits(text, 11, 2);
  auto minute = digits(text, 14, 2);
  if ((text[10] != ' ' && text[10] != 'T' && text[10] != 't') || hour < 0
      || hour > 23 || minute < 0 || minute > 59 || text[13] != ':')
    return std::nullopt;
  result.length = 16;
  int second = 0;
  if (text.size() > 16 && text[16] == ':') {
    second = digits(text, 17, 2);
    if (second < 0 || second > 59)
      return std::nullopt;
    result.length = 19;
  }
  result.time_of_day = hours(hour) + minutes(minute) + seconds(second);
  return result;
}

} // namespace

std::optional<timestamp> parse_wall_time(std::string_view text,
                                         const std::string& zone) {
  auto wall = read_wall_clock(text);
  if (!wall || wall->length != text.size())
    return std::nullopt;
  try {
    auto local = date::local_days{wall->date} + wall->time_of_day;
    auto found = date::locate_zone(zone)->get_info(local);
    if (found.result == date::local_info::nonexistent)
      return std::nullopt;
    return timestamp{local.time_since_epoch() - found.first.offset};
  } catch (const std::runtime_error&) {
    return std::nullopt; // no such zone
  }
}

std::string format_wall_time(timestamp t, const std::string& zone) {
  auto local = t;
  try {
    local += date::locate_zone(zone)->get_info(date::sys_seconds{t}).offset;
  } catch (const std::runtime_error&) {
    // No such zone: UTC, as promised.
  }
  auto text = format_rfc3339(local);
  text[10] = ' ';
  text.pop_back();
  return text;
}

std::optional<timestamp> parse_rfc3339(std::string_view text) {
  auto wall = read_wall_clock(text);
  if (!wall || wall->length != 19)
    return std::nullopt;
  auto instant = timestamp{date::sys_days{wall->date} + wall->time_of_day};
  text.remove_prefix(wall->length);
  if (!text.empty() && text.front() == '.') { // a fraction, dropped
    auto end = text.find_first_not_of("0123456789", 1);
    if (end == 1 || end == std::string_view::npos)
      return std::nullopt;
    text.remove_prefix(end);
  }
  if (text == "Z" || text == "z")
    return instant;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':')
    return std::nullopt;
  auto hour = digits(text, 1, 2);
  auto minute = digits(text, 4, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
    return std::nullopt;
  auto offset = hours(hour) + minutes(minute);
  return text[0] == '+' ? instant - offset : instant + offset;
}

void append_rfc3339(std::string& out, timestamp t) {
  auto day = date::floor<date::days>(t);
  date::year_month_day date{day};
  auto put = [&out](unsigned value, int width) {
    char text[4];
    for (auto i = width - 1; i >= 0; --i, value /= 10)
      text[i] = static_cast<char>('0' + value % 10);
    out.append(text, static_cast<size_t>(width));
  };
  auto second = static_cast<unsigned>((t - day).count());
  put(static_cast<unsigned>(static_cast<int>(date.year())), 4);
  out += '-';
  put(static_cast<unsigned>(date.month()), 2);
  out += '-';
  put(static_cast<unsigned>(date.day()), 2);
  out += 'T';
  put(second / 3600, 2);
  out += ':';
  put(second / 60 % 60, 2);
  out += ':';
  put(second % 60, 2);
  out += 'Z';
}

std::string format_rfc3339(timestamp t) {
  std::string result;
  result.reserve(20);
  append_rfc3339(result, t);
  return result;
}

} // namespace tickerflow
