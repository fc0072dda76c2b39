#include "io/legacy/report.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <numeric>

namespace tickerflow {

namespace {

using nlohmann::ordered_json;

std::string_view to_string(bar_label x) {
  return x == bar_label::start ? "start" : "end";
}

std::int64_t count_of(const ticker_migration& x, left_out_reason reason) {
  return x.left_out[static_cast<size_t>(reason)];
}

/// 1234567 is "1,234,567".
std::string grouped(std::int64_t x) {
  auto digits = std::to_string(x);
  for (auto i = static_cast<int>(digits.size()) - 3; i > 0; i -= 3)
    digits.insert(static_cast<size_t>(i), 1, ',');
  return digits;
}

std::string new_york(timestamp x) {
  return x == timestamp{} ? "-"
                          : format_wall_time(x, exchange_zone).substr(0, 16);
}

std::string what_times_are(const legacy_report& x) {
  auto meaning = tickerflow::to_string(x.reading);
  auto result = meaning == tickerflow::to_string(time_reading{})
                    ? std::string{"New York's wall time, no shift"}
                    : meaning;
  if (x.label == bar_label::end)
    result += ", ends of bars";
  return x.detected
             ? fmt::format("{} (found by the exchange's calendar: {:.1f} "
                           "% of the times fall into sessions)",
                           result, x.in_session * 100)
             : result + " (as told)";
}

ordered_json to_json(const ticker_migration& x) {
  ordered_json result{{"rows", x.rows},
                      {"stored", x.stored},
                      {"known", x.known},
                      {"doubled", x.doubled}};
  ordered_json left_out = ordered_json::object();
  for (size_t i = 0; i < left_out_reasons; ++i)
    if (x.left_out[i] > 0)
      left_out[std::string{to_string(static_cast<left_out_reason>(i))}] =
          x.left_out[i];
  result["left_out"] = std::move(left_out);
  auto instant = [](timestamp t) {
    return t == timestamp{} ? ordered_json{} : ordered_json(format_rfc3339(t));
  };
  result["first_bar"] = instant(x.first);
  result["last_bar"] = instant(x.last);
  return result;
}

} // namespace

std::int64_t ticker_migration::left_out_rows() const {
  return std::accumulate(left_out.begin(), left_out.end(), std::int64_t{0});
}

ticker_migration legacy_report::total() const {
  ticker_migration result;
  for (auto& [symbol, x] : tickers) {
    result.rows += x.rows;
    result.stored += x.stored;
    result.known += x.known;
    result.doubled += x.doubled;
    for (size_t i = 0; i < left_out_reasons; ++i)
      result.left_out[i] += x.left_out[i];
    if (x.first == timestamp{})
      continue;
    if (result.first == timestamp{} || x.first < result.first)
      result.first = x.first;
    result.last = std::max(result.last, x.last);
  }
  return result;
}

std::string report_text(const legacy_report& x) {
  auto all = x.total();
  std::string out;
  auto line = [&out](std::string_view what, const std::string& value) {
    out += fmt::format("  {:<28}{}\n", what, value);
  };
  auto number = [&](std::string_view what, std::int64_t value,
                    std::string_view meaning = "") {
    if (value > 0)
      line(what, fmt::format("{:>14}  {}", grouped(value), meaning));
  };
  out += fmt::format("{}{}\n", x.table,
                     x.dry_run   ? ": what a migration would do"
                     : x.stopped ? ": stopped before the end (run it again: "
                                   "it goes on)"
                                 : ": migrated");
  line("times", what_times_are(x));
  line("rows", fmt::format("{:>14}", grouped(all.rows)));
  number(x.dry_run ? "  bars to store" : "  bars stored", all.stored,
         x.windows > 0 ? grouped(x.windows) + " windows written with them"
                       : std::string{});
  number("  stored before, the same", all.known);
  number("  doubled, identical", all.doubled, "dropped");
  for (size_t i = 0; i < left_out_reasons; ++i) {
    auto reason = static_cast<left_out_reason>(i);
    number(fmt::format("  {}", to_string(reason)), count_of(all, reason),
           reason == left_out_reason::superseded
               ? "differ from a later row of their time: the last won"
           : reason == left_out_reason::ours_kept
               ? "differ from the bar that is stored: ours stayed"
               : "");
  }
  if (!x.left_out_path.empty())
    line("left out, each with why", x.left_out_path);
  if (!x.ordered)
    out += "  note: this is no plain table, so which of two differing rows is "
           "the later one is not known\n";
  for (auto& note : x.notes)
    out += "  note: " + note + '\n';
  out += fmt::format("\n{:<10} {:>6} {:>12} {:>10} {:>10} {:>12} {:>9}  {:<17} "
                     "{}\n",
                     "TICKER", "BAR", "ROWS", "STORED", "KNOWN", "DOUBLED",
                     "LEFT OUT", "FIRST (NEW YORK)", "LAST");
  for (auto& [symbol, t] : x.tickers)
    out += fmt::format(
        "{:<10} {:>6} {:>12} {:>10} {:>10} {:>12} {:>9}  {:<17} {}\n",
        symbol.empty() ? "(invalid)" : symbol,
        t.interval == t.interval.zero()
            ? "-"
            : fmt::format("{}min", t.interval / std::chrono::minutes{1}),
        grouped(t.rows), grouped(t.stored), grouped(t.known),
        grouped(t.doubled), grouped(t.left_out_rows()), new_york(t.first),
        new_york(t.last));
  return out;
}

std::string report_json(const legacy_report& x) {
  ordered_json result;
  result["table"] = x.table;
  result["dry_run"] = x.dry_run;
  result["complete"] = !x.stopped;
  result["ordered"] = x.ordered;
  result["times"] = {{"zone", x.reading.zone},
                     {"shift", format_shift(x.reading.shift)},
                     {"taken_for", x.reading.taken_for},
                     {"label", to_string(x.label)},
                     {"detected", x.detected}};
  if (x.detected)
    result["times"]["in_session"] = x.in_session;
  result["windows"] = x.windows;
  result["total"] = to_json(x.total());
  result["tickers"] = ordered_json::array();
  for (auto& [symbol, t] : x.tickers) {
    ordered_json row{{"symbol", symbol}, {"interval_s", t.interval.count()}};
    row.update(to_json(t));
    result["tickers"].push_back(std::move(row));
  }
  result["left_out_file"] =
      x.left_out_path.empty() ? ordered_json{} : ordered_json(x.left_out_path);
  result["notes"] = x.notes;
  // Symbols are checked, but the table's name is whatever somebody gave it.
  return result.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

} // namespace tickerflow
