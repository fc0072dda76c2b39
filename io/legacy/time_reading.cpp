#include "io/legacy/time_reading.hpp"

#include <date/tz.h>

#include <charconv>
#include <cstdlib>

namespace tickerflow {

namespace {

std::string_view trimmed(std::string_view text) {
  auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// Cuts "Z", "+00", "-0500" or "+05:30" from the end.
/// @returns the offset east of UTC; nothing if there is none
std::optional<std::chrono::seconds> cut_offset(std::string_view& text) {
  if (text.empty())
    return std::nullopt;
  if (text.back() == 'Z' || text.back() == 'z') {
    text.remove_suffix(1);
    return std::chrono::seconds{0};
  }
  // Behind the time of day; the date has signs of its own.
  auto sign = text.find_first_of("+-", std::min<size_t>(11, text.size()));
  if (sign == std::string_view::npos)
    return std::nullopt;
  auto east = text.substr(sign + 1);
  auto number = [&east](size_t position) {
    auto value = 0;
    auto first = east.data() + position;
    if (east.size() < position + 2
        || std::from_chars(first, first + 2, value).ptr != first + 2)
      return -1;
    return value;
  };
  auto hours = number(0);
  auto minutes = 0;
  if (east.size() == 4)
    minutes = number(2);
  else if (east.size() == 5 && east[2] == ':')
    minutes = number(3);
  else if (east.size() != 2)
    return std::nullopt;
  if (hours < 0 || hours > 18 || minutes < 0 || minutes > 59)
    return std::nullopt;
  auto offset = std::chrono::hours{hours} + std::chrono::minutes{minutes};
  auto result = text[sign] == '-' ? -offset : offset;
  text = trimmed(text.substr(0, sign));
  return result;
}

} // namespace

std::optional<wall_time> parse_legacy_time(std::string_view text) {
  text = trimmed(text);
  auto offset = cut_offset(text);
  if (text.size() > 19 && text[19] == '.') {
    if (text.size() == 20
        || text.find_first_not_of("0123456789", 20) != std::string_view::npos)
      return std::nullopt;
    text = text.substr(0, 19);
  }
  auto wall = parse_wall_time(text, "UTC");
  if (!wall)
    return std::nullopt;
  return wall->time_since_epoch() - offset.value_or(std::chrono::seconds{0});
}

struct time_reader::zones {
  const date::time_zone* shown = nullptr;
  const date::time_zone* taken_for = nullptr; // null: no mistake
  const date::time_zone* exchange = nullptr;
};

namespace {

time_reader::instants resolve(const date::time_zone* zone, wall_time wall) {
  auto local = date::local_seconds{wall};
  auto found = zone->get_info(local);
  auto with = [&](const date::sys_info& x) {
    return timestamp{wall - x.offset};
  };
  switch (found.result) {
    case date::local_info::nonexistent: return {};
    case date::local_info::ambiguous:
      return {with(found.first), with(found.second)};
    default: return {with(found.first), std::nullopt};
  }
}

} // namespace

time_reader::time_reader(time_reading x)
    : reading_(std::move(x)), zones_(std::make_unique<zones>()) {
  zones_->shown = date::locate_zone(reading_.zone);
  if (!reading_.taken_for.empty())
    zones_->taken_for = date::locate_zone(reading_.taken_for);
  zones_->exchange = date::locate_zone(exchange_zone);
}

time_reader::~time_reader() = default;

time_reader::time_reader(time_reader&&) noexcept = default;

time_reader::instants time_reader::at(wall_time x) const {
  auto shown = resolve(zones_->shown, x + reading_.shift);
  if (!zones_->taken_for)
    return shown;
  // The converter believed that the exchange's wall time was another zone's:
  // what that zone showed at the instant it made is what was meant.
  instants result;
  for (auto& instant : {shown.first, shown.second}) {
    if (!instant)
      continue;
    auto meant = zones_->taken_for->to_local(date::sys_seconds{*instant});
    auto each = resolve(zones_->exchange, meant.time_since_epoch());
    if (!result.first) {
      result = each;
    } else if (each.first && !result.second) {
      result.second = each.first;
    }
  }
  return result;
}

bool is_zone(const std::string& name) {
  try {
    return date::locate_zone(name) != nullptr;
  } catch (const std::runtime_error&) {
    return false;
  }
}

std::optional<std::chrono::seconds> parse_shift(std::string_view text) {
  text = trimmed(text);
  if (text.empty())
    return std::nullopt;
  auto negative = text.front() == '-';
  if (negative || text.front() == '+')
    text.remove_prefix(1);
  std::chrono::seconds result{0};
  if (text.empty())
    return std::nullopt;
  while (!text.empty()) {
    int number = 0;
    auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end == text.data() + text.size() || number < 0
        || number > 100'000)
      return std::nullopt;
    if (*end == 'h')
      result += std::chrono::hours{number};
    else if (*end == 'm')
      result += std::chrono::minutes{number};
    else
      return std::nullopt;
    text.remove_prefix(static_cast<size_t>(end + 1 - text.data()));
  }
  return negative ? -result : result;
}

std::string format_shift(std::chrono::seconds x) {
  auto minutes = std::abs(x.count()) / 60;
  std::string result = x.count() < 0 ? "-" : "+";
  if (minutes >= 60 || minutes == 0)
    result += std::to_string(minutes / 60) + 'h';
  if (minutes % 60 != 0)
    result += std::to_string(minutes % 60) + 'm';
  return result;
}

std::string to_string(const time_reading& x) {
  std::string result = "--zone " + x.zone;
  if (x.shift != x.shift.zero())
    result += " --shift " + format_shift(x.shift);
  if (!x.taken_for.empty())
    result += " --taken-for " + x.taken_for;
  return result;
}

} // namespace tickerflow
