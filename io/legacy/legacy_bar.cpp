#include "io/legacy/legacy_bar.hpp"

#include "io/legacy/survey.hpp"
#include "market/price.hpp"

#include <algorithm>

namespace tickerflow {

namespace {

bool leave_out(legacy_bar& x, left_out_reason reason, std::string detail) {
  x.left_out = true;
  x.reason = reason;
  x.detail = std::move(detail);
  return false;
}

/// Larger than all shares of any company.
constexpr std::int64_t largest_volume_e4 = 1'000'000'000'000 * price_scale;

} // namespace

std::string_view to_string(left_out_reason x) {
  switch (x) {
    case left_out_reason::bad_symbol: return "bad_symbol";
    case left_out_reason::bad_time: return "bad_time";
    case left_out_reason::skipped_time: return "skipped_time";
    case left_out_reason::ambiguous_time: return "ambiguous_time";
    case left_out_reason::bad_number: return "bad_number";
    case left_out_reason::invalid_bar: return "invalid_bar";
    case left_out_reason::outside_session: return "outside_session";
    case left_out_reason::misaligned: return "misaligned";
    case left_out_reason::superseded: return "superseded";
    case left_out_reason::ours_kept: return "ours_kept";
  }
  return "???";
}

legacy_bar_reader::legacy_bar_reader(time_reading times, bar_label label,
                                     const calendar& days)
    : times_(std::move(times)), label_(label), days_(&days) {
  // nop
}

bool legacy_bar_reader::read_start(const legacy_row& x, legacy_bar& out) const {
  auto wall = parse_legacy_time(x.date);
  if (!wall)
    return leave_out(out, left_out_reason::bad_time,
                     x.date.empty() ? "date: missing"
                                    : "date: not YYYY-MM-DD HH:MM:SS");
  if (label_ == bar_label::end)
    *wall -= out.value.interval;
  auto found = times_.at(*wall);
  if (!found.first)
    return leave_out(out, left_out_reason::skipped_time,
                     "date: the clocks passed over this time");
  out.value.start = *found.first;
  if (!found.second)
    return true;
  auto first = days_->day_at(*found.first) != nullptr;
  auto second = days_->day_at(*found.second) != nullptr;
  if (first && second)
    return leave_out(out, left_out_reason::ambiguous_time,
                     "date: the clocks passed this time twice, in a session "
                     "both times");
  if (second)
    out.value.start = *found.second;
  return true;
}

bool legacy_bar_reader::read_values(const legacy_row& x,
                                    legacy_bar& out) const {
  auto& b = out.value;
  struct {
    const char* name;
    const std::string& text;
    std::int64_t& to;
  } prices[] = {{"open", x.open, b.open_e4},
                {"high", x.high, b.high_e4},
                {"low", x.low, b.low_e4},
                {"close", x.close, b.close_e4}};
  for (auto& each : prices) {
    auto price = parse_e4(each.text);
    if (!price)
      return leave_out(
          out, left_out_reason::bad_number,
          std::string{each.name}
              + (each.text.empty() ? ": missing" : ": not a decimal number"));
    each.to = *price;
  }
  b.volume_shares = no_volume;
  if (!x.volume.empty()) {
    auto volume = parse_e4(x.volume);
    if (!volume || *volume % price_scale != 0 || *volume > largest_volume_e4)
      return leave_out(out, left_out_reason::bad_number,
                       "volume: not a whole number of shares");
    // -1 is our own mark for "none"; from outside it is a negative volume.
    if (*volume < 0)
      return leave_out(out, left_out_reason::invalid_bar,
                       std::string{to_string(bar_fault::negative_volume)});
    b.volume_shares = *volume / price_scale;
  }
  if (auto fault = check(b); fault != bar_fault::none)
    return leave_out(out, left_out_reason::invalid_bar,
                     std::string{to_string(fault)});
  return true;
}

bool legacy_bar_reader::check_place(legacy_bar& out) const {
  auto& b = out.value;
  auto day = days_->day_at(b.start);
  if (!day)
    return leave_out(out, left_out_reason::outside_session,
                     format_rfc3339(b.start)
                         + " is in no session of the exchange's calendar");
  auto part = *day->session_at(b.start);
  if ((b.start - day->open) % b.interval != std::chrono::seconds{0}
      || b.end() > day->bounds(part).second)
    return leave_out(out, left_out_reason::misaligned,
                     format_rfc3339(b.start) + " is no start of a "
                         + std::to_string(b.interval / std::chrono::minutes{1})
                         + "min bar of its session");
  return true;
}

legacy_bar legacy_bar_reader::read(const legacy_row& x,
                                   std::chrono::seconds interval) const {
  legacy_bar result;
  result.value.symbol = legacy_symbol(x.symbol);
  result.value.interval = interval;
  if (!is_symbol(result.value.symbol))
    leave_out(result, left_out_reason::bad_symbol,
              x.symbol.empty() ? "symbol: missing"
                               : "symbol: not 1 to 16 of A-Z 0-9 . - ^ =");
  else if (read_start(x, result) && read_values(x, result))
    check_place(result);
  return result;
}

std::vector<legacy_row> merged_day::add(const bar& value,
                                        const legacy_row& row) {
  auto position = std::lower_bound(
      bars_.begin(), bars_.end(), value.start,
      [](const merged_bar& x, timestamp y) { return x.value.start < y; });
  if (position == bars_.end() || position->value.start != value.start) {
    bars_.insert(position, {value, row, row.times, row.times - 1});
    return {};
  }
  auto& known = *position;
  if (same_values(known.value, value)) {
    known.rows += row.times;
    known.doubled += row.times;
    if (row.place > known.row.place)
      known.row = row;
    return {};
  }
  if (row.place < known.row.place)
    return {row};
  auto lost = known.row;
  lost.times = known.rows;
  known = {value, row, row.times, row.times - 1};
  return {lost};
}

} // namespace tickerflow
