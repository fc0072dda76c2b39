#include "io/simulator/intraday_answer.hpp"

#include "io/simulator/texts.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace tickerflow::sim {

namespace {

using namespace std::chrono_literals;

constexpr size_t compact_bars = 100;
constexpr date::days full_days{30};
// A compact answer looks back this far at most: for tickers with few trades.
constexpr date::days compact_days{30};

/// Cuts what is not traded yet, and the bar in the making down to its part.
void cut_at(bar_series& minutes, sim_time now, bool whole_newest) {
  while (!minutes.empty() && minutes.back().start > now)
    minutes.pop_back();
  if (minutes.empty() || whole_newest)
    return;
  auto& x = minutes.back();
  auto passed = now - sim_time{x.start};
  if (passed >= 1min)
    return;
  auto part = std::chrono::duration<double>(passed) / 60s;
  auto towards = [&x, part](std::int64_t to_e4) {
    return x.open_e4
           + static_cast<std::int64_t>(
               part * static_cast<double>(to_e4 - x.open_e4));
  };
  x.high_e4 = towards(x.high_e4);
  x.low_e4 = towards(x.low_e4);
  x.close_e4 = towards(x.close_e4);
  x.volume_shares =
      static_cast<std::int64_t>(part * static_cast<double>(x.volume_shares));
}

/// The 1-minute bars of a date, in the sessions and prices of the query.
bar_series minutes_of(const served_market& market, const intraday_query& query,
                      date::sys_days date, date::sys_days known_on) {
  auto result = market.day(query.symbol, date);
  if (!query.extended_hours) {
    auto day = market.sessions().day_on(date);
    auto is_outside = [day](const plain_bar& x) {
      return !day || day->session_at(x.start) != session::regular;
    };
    result.erase(std::remove_if(result.begin(), result.end(), is_outside),
                 result.end());
  }
  if (query.adjusted)
    market.adjust(result, query.symbol, date, known_on);
  return result;
}

timestamp label_of(const plain_bar& x, const intraday_query& query,
                   bar_label label) {
  return label == bar_label::end ? x.start + query.interval : x.start;
}

} // namespace

bar_series select_bars(const served_market& market, const intraday_query& query,
                       sim_time now, const bar_faults& faults,
                       const answer_options& options) {
  auto seen = query.entitlement == "delayed" ? now - entitlement_delay : now;
  auto today = exchange_date(date::floor<std::chrono::seconds>(seen));
  auto last = today;
  if (options.closed_days_only && query.entitlement.empty())
    last -= date::days(1);
  auto first = today - (query.full ? full_days : compact_days);
  if (query.month) {
    first = date::sys_days{*query.month / 1};
    last = std::min(last, date::sys_days{*query.month / date::last});
  }
  // Newest day first, so that a compact answer makes only the days it needs.
  std::vector<bar_series> days;
  size_t n = 0;
  for (auto date = last; date >= first && (query.full || n < compact_bars);
       date -= date::days(1)) {
    auto minutes = minutes_of(market, query, date, today);
    cut_at(minutes, seen, options.whole_newest);
    auto bars = aggregate(minutes, query.interval);
    faults.apply(bars, query.symbol, query.interval,
                 date::floor<std::chrono::seconds>(seen));
    n += bars.size();
    days.push_back(std::move(bars));
  }
  bar_series result;
  for (auto day = days.rbegin(); day != days.rend(); ++day)
    result.insert(result.end(), day->begin(), day->end());
  if (!query.full && result.size() > compact_bars)
    result.erase(result.begin(), result.end() - compact_bars);
  return result;
}

bar_series true_bars(const served_market& market, const intraday_query& query,
                     date::sys_days first, date::sys_days last, timestamp now) {
  auto today = exchange_date(now);
  bar_series result;
  for (auto date = first; date <= std::min(last, today);
       date += date::days(1)) {
    auto bars =
        aggregate(minutes_of(market, query, date, today), query.interval);
    for (auto& x : bars)
      if (x.start + query.interval <= now)
        result.push_back(x);
  }
  return result;
}

std::string write_json(const intraday_query& query, const bar_series& bars,
                       bar_label label) {
  if (bars.empty())
    return "{}\n";
  wall_time_writer writer;
  auto interval = query.interval_text();
  auto quoted = [](const std::string& text) {
    return nlohmann::json(text).dump();
  };
  std::string out;
  out.reserve(600 + bars.size() * 220);
  out += "{\n    \"Meta Data\": {\n        \"1. Information\": \"Intraday (";
  out += interval + ") open, high, low, close prices and volume";
  if (query.entitlement == "delayed")
    out += " - DATA DELAYED BY 15 MINUTES";
  out += "\",\n        \"2. Symbol\": " + quoted(query.typed_symbol);
  out += ",\n        \"3. Last Refreshed\": \"";
  writer.append(out, label_of(bars.back(), query, label));
  out += "\",\n        \"4. Interval\": \"" + interval;
  out += "\",\n        \"5. Output Size\": \"";
  out += query.full ? "Full size" : "Compact";
  out += "\",\n        \"6. Time Zone\": \"US/Eastern\"\n    },\n";
  out += "    \"Time Series (" + interval + ")\": {\n";
  for (auto x = bars.rbegin(); x != bars.rend(); ++x) {
    out += x == bars.rbegin() ? "        \"" : ",\n        \"";
    writer.append(out, label_of(*x, query, label));
    out += "\": {\n            \"1. open\": \"";
    append_fixed_e4(out, x->open_e4);
    out += "\",\n            \"2. high\": \"";
    append_fixed_e4(out, x->high_e4);
    out += "\",\n            \"3. low\": \"";
    append_fixed_e4(out, x->low_e4);
    out += "\",\n            \"4. close\": \"";
    append_fixed_e4(out, x->close_e4);
    out += "\",\n            \"5. volume\": \"";
    out += std::to_string(x->volume_shares) + "\"\n        }";
  }
  out += "\n    }\n}\n";
  return out;
}

std::string write_csv(const intraday_query& query, const bar_series& bars,
                      bar_label label) {
  wall_time_writer writer;
  std::string out = "timestamp,open,high,low,close,volume\r\n";
  out.reserve(out.size() + bars.size() * 70);
  for (auto x = bars.rbegin(); x != bars.rend(); ++x) {
    writer.append(out, label_of(*x, query, label));
    for (auto price_e4 : {x->open_e4, x->high_e4, x->low_e4, x->close_e4}) {
      out += ',';
      append_fixed_e4(out, price_e4);
    }
    out += ',' + std::to_string(x->volume_shares) + "\r\n";
  }
  return out;
}

} // namespace tickerflow::sim
