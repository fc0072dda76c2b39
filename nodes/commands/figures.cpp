#include "nodes/commands/figures.hpp"

#include "market/exchange_time.hpp"

#include <spdlog/fmt/fmt.h>

#include <cmath>

namespace tickerflow {

namespace {

const std::string not_known = "-";

} // namespace

std::string count_text(std::optional<std::int64_t> x) {
  return x ? std::to_string(*x) : not_known;
}

std::string rate_text(std::optional<double> per_s) {
  if (!per_s || !std::isfinite(*per_s))
    return not_known;
  auto size = std::abs(*per_s);
  if (size < 0.005)
    return "0";
  return fmt::format("{:.{}f}", *per_s, size < 1 ? 2 : size < 100 ? 1 : 0);
}

std::string micros_text(std::optional<double> us) {
  if (!us || !std::isfinite(*us))
    return not_known;
  if (*us < 1000)
    return fmt::format("{:.0f} us", *us);
  return millis_text(*us / 1000);
}

std::string millis_text(std::optional<double> ms) {
  if (!ms || !std::isfinite(*ms))
    return not_known;
  if (*ms < 1000)
    return fmt::format("{:.{}f} ms", *ms, *ms < 10 ? 1 : 0);
  if (*ms < 60'000)
    return fmt::format("{:.1f} s", *ms / 1000);
  return span_text(static_cast<std::int64_t>(*ms / 1000));
}

std::string span_text(std::optional<std::int64_t> s) {
  if (!s)
    return not_known;
  if (*s < 60)
    return fmt::format("{} s", *s);
  if (*s < 3600)
    return fmt::format("{} min", *s / 60);
  if (*s < 86'400)
    return fmt::format("{} h {:02}", *s / 3600, *s % 3600 / 60);
  return fmt::format("{} d {:02} h", *s / 86'400, *s % 86'400 / 3600);
}

std::string bytes_text(std::optional<std::int64_t> bytes) {
  if (!bytes)
    return not_known;
  if (*bytes < 1000)
    return fmt::format("{} B", *bytes);
  auto x = static_cast<double>(*bytes);
  for (auto unit : {"kB", "MB", "GB"}) {
    x /= 1000;
    if (x < 1000)
      return fmt::format("{:.1f} {}", x, unit);
  }
  return fmt::format("{:.1f} TB", x / 1000);
}

std::string share_text(std::optional<double> share) {
  if (!share || !std::isfinite(*share))
    return not_known;
  return fmt::format("{:.0f}%", *share * 100);
}

std::string heading_of(zone x) { return x == zone::utc ? "UTC" : "NEW YORK"; }

std::string name_of(zone x) { return x == zone::utc ? "UTC" : "New York"; }

std::string time_text(const std::string& rfc3339, zone where) {
  if (rfc3339.empty())
    return not_known;
  auto t = parse_rfc3339(rfc3339);
  if (!t)
    return rfc3339;
  return format_wall_time(*t, where == zone::utc ? "UTC" : "America/New_York");
}

std::string exact_time_text(const std::string& rfc3339, zone where) {
  auto result = time_text(rfc3339, where);
  auto dot = rfc3339.find('.');
  auto has_clock = result.size() == 19; // "2020-11-02 09:40:00"
  if (!has_clock || dot == std::string::npos)
    return result;
  auto digits = rfc3339.find_first_not_of("0123456789", dot + 1);
  auto fraction = rfc3339.substr(dot + 1, digits - dot - 1);
  fraction.resize(3, '0');
  return result + '.' + fraction;
}

std::optional<std::string> time_given(const std::string& text) {
  auto t = parse_rfc3339(text);
  if (!t)
    t = parse_wall_time(text, "America/New_York");
  if (!t)
    return std::nullopt;
  return format_rfc3339(*t);
}

} // namespace tickerflow
