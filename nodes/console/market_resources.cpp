#include "nodes/console/market_resources.hpp"

#include "market/gaps.hpp"
#include "market/price.hpp"
#include "nodes/console/times.hpp"

#include <algorithm>

namespace tickerflow::console {

namespace {

using std::chrono::seconds;

constexpr std::chrono::hours gap_step{24 * 40};
constexpr std::chrono::seconds gap_patience{4};
constexpr int recent_sessions = 5;

std::string lower(std::string x) {
  for (auto& c : x)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c | 0x20);
  return x;
}

json instant_or_null(std::int64_t unix_s) {
  if (unix_s <= 0)
    return nullptr;
  return format_rfc3339(timestamp{seconds{unix_s}});
}

json ticker_json(const shard_status& shard, const ticker_report& x,
                 const ticker_judge& judge, seconds interval) {
  auto fresh = judge.judge(shard, x);
  json close = nullptr;
  if (x.last_bar_s > 0)
    close = static_cast<double>(x.last_close_e4) / price_scale;
  return {{"symbol", x.symbol},
          {"shard", shard.report.shard},
          {"node", shard.owner},
          {"interval_s", interval.count()},
          {"last_bar", instant_or_null(x.last_bar_s)},
          {"last_close", std::move(close)},
          {"level", to_string(fresh.how)},
          {"freshness", fresh.text},
          {"late_s", or_null(fresh.late_s)},
          {"fetcher", x.fetcher},
          {"paused", x.paused},
          {"bars", x.bars}};
}

row_range range_in(const std::string& symbol, const query& parameters) {
  row_range result;
  result.symbol = symbol;
  result.from = parameters.instant("from");
  result.to = parameters.instant("to");
  result.limit = static_cast<int>(parameters.limit(1000, 50'000));
  return result;
}

/// Cuts off what is above the limit.
/// @returns where it goes on, quoted, or null
template <class Row>
std::string cut(std::vector<Row>& rows, const row_range& range) {
  if (rows.size() <= static_cast<std::size_t>(range.limit))
    return "null";
  auto next = format_rfc3339(rows[static_cast<std::size_t>(range.limit)].start);
  rows.resize(static_cast<std::size_t>(range.limit));
  return '"' + next + '"';
}

void append_prices(std::string& to, const std::string& open,
                   const std::string& high, const std::string& low,
                   const std::string& close) {
  to += ",\"open\":" + open + ",\"high\":" + high + ",\"low\":" + low
        + ",\"close\":" + close;
}

web_reply csv_reply(std::string body, const std::string& name) {
  auto headers = api_headers;
  headers.emplace_back("Content-Disposition",
                       "attachment; filename=\"" + name + ".csv\"");
  return {200, "text/csv; charset=utf-8", std::move(body), std::move(headers)};
}

} // namespace

template <class F>
auto market_resources::ask(F f) const {
  auto result = views_.with(f);
  if (!result)
    throw problem_of(result.error());
  return std::move(*result);
}

std::string symbol_in(const std::string& text) {
  auto result = text;
  for (auto& c : result)
    if (c >= 'a' && c <= 'z')
      c = static_cast<char>(c & ~0x20);
  auto fits = std::all_of(result.begin(), result.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.'
           || c == '^' || c == '=' || c == '_' || c == '-';
  });
  if (!fits || result.empty() || result.size() > 32)
    throw bad_request("a symbol has 1 to 32 of A-Z 0-9 . ^ = _ -");
  return result;
}

std::pair<const shard_status*, const ticker_report*>
find_ticker(const cluster_status& x, const std::string& symbol) {
  for (auto& shard : x.shards)
    for (auto& t : shard.report.tickers)
      if (t.symbol == symbol)
        return {&shard, &t};
  return {nullptr, nullptr};
}

json market_resources::tickers(const picture& x,
                               const query& parameters) const {
  auto part = lower(parameters.text("q", 200));
  auto limit = parameters.limit();
  auto after = parameters.cursor(1);
  std::map<std::string, std::pair<const shard_status*, const ticker_report*>>
      found;
  for (auto& shard : x.status.shards)
    for (auto& t : shard.report.tickers)
      if (lower(t.symbol).find(part) != std::string::npos)
        found[t.symbol] = {&shard, &t};
  auto judge = judge_of(x, view_);
  auto items = json::array();
  json next = nullptr;
  std::string last;
  for (auto i = after ? found.upper_bound((*after)[0]) : found.begin();
       i != found.end(); ++i) {
    if (items.size() >= limit) {
      next = cursor_of({last});
      break;
    }
    last = i->first;
    items.push_back(ticker_json(*i->second.first, *i->second.second, judge,
                                view_.interval));
  }
  return {{"items", std::move(items)},
          {"total", found.size()},
          {"next", std::move(next)}};
}

json market_resources::ticker(const picture& x,
                              const std::string& symbol) const {
  auto [shard, report] = find_ticker(x.status, symbol);
  if (!shard)
    throw not_found("the ticker " + symbol + " is not followed");
  auto judge = judge_of(x, view_);
  auto result = ticker_json(*shard, *report, judge, view_.interval);
  auto now = judge.source_now();
  // The last sessions that have begun, this one included.
  std::vector<const trading_day*> days;
  for (auto date = date::floor<date::days>(now) + date::days{1};
       days.size() < recent_sessions
       && date > date::floor<date::days>(now) - date::days{20};
       date -= date::days{1})
    if (auto day = nyse().day_on(date); day && day->open <= now)
      days.push_back(day);
  if (days.empty())
    return result;
  auto since = days.back()->open;
  auto newest = days.front()->open;
  // Of the session that the newest bar is in, if that is an earlier one.
  if (report->last_bar_s > 0) {
    auto last = timestamp{seconds{report->last_bar_s}};
    for (auto day : days)
      if (day->pre_open <= last) {
        newest = day->open;
        break;
      }
  }
  auto facts =
      ask([&](market_view& v) { return v.facts(symbol, newest, since); });
  result["previous_close"] =
      facts.previous_close ? json::parse(*facts.previous_close, nullptr, false)
                           : json(nullptr);
  result["revisions"] = facts.revisions;
  std::int64_t missing = 0;
  for (auto& gap : gaps_of(symbol, since, std::nullopt, 10'000))
    missing += gap["bars"].get<std::int64_t>();
  result["gaps"] = missing;
  return result;
}

web_reply market_resources::bars(const std::string& symbol,
                                 const query& parameters) const {
  auto csv = parameters.word("format", {"json", "csv"}) == "csv";
  auto range = range_in(symbol, parameters);
  auto rows = ask([&](market_view& v) { return v.bars(range); });
  auto next = cut(rows, range);
  std::string out;
  out.reserve(rows.size() * 160 + 200);
  if (csv) {
    out += "start,session,open,high,low,close,volume,revision,suspect\n";
    for (auto& x : rows) {
      append_rfc3339(out, x.start);
      out += ',' + x.session + ',' + x.open + ',' + x.high + ',' + x.low + ','
             + x.close + ','
             + (x.volume_shares ? std::to_string(*x.volume_shares) : "") + ','
             + std::to_string(x.revision) + (x.suspect ? ",true" : ",false")
             + '\n';
    }
    return csv_reply(std::move(out), symbol + "-bars");
  }
  // By hand: 50,000 rows as a tree would take ten times their bytes.
  auto interval =
      rows.empty() ? view_.interval.count() : rows.front().interval_s;
  out += "{\"symbol\":\"" + symbol
         + "\",\"interval_s\":" + std::to_string(interval) + ",\"bars\":[";
  for (auto& x : rows) {
    out += &x == &rows.front() ? "{\"start\":\"" : ",{\"start\":\"";
    append_rfc3339(out, x.start);
    out += "\",\"session\":\"" + x.session + '"';
    append_prices(out, x.open, x.high, x.low, x.close);
    out += ",\"volume\":"
           + (x.volume_shares ? std::to_string(*x.volume_shares) : "null")
           + ",\"revision\":" + std::to_string(x.revision)
           + ",\"suspect\":" + (x.suspect ? "true}" : "false}");
  }
  out += "],\"next\":" + next + '}';
  return {200, "application/json", std::move(out), api_headers};
}

web_reply market_resources::windows(const std::string& symbol,
                                    const query& parameters) const {
  auto csv = parameters.word("format", {"json", "csv"}) == "csv";
  auto width = parameters.word("width", {"15m", "30m", "1h", "1d", "1w"});
  auto part = parameters.has("session")
                  ? parameters.word("session", {"pre", "regular", "post"})
                  : std::string{};
  auto range = range_in(symbol, parameters);
  auto rows =
      ask([&](market_view& v) { return v.windows(range, width, part); });
  auto next = cut(rows, range);
  std::string out;
  out.reserve(rows.size() * 260 + 200);
  if (csv) {
    out += "start,end,session,open,high,low,close,volume,vwap,bars,"
           "expected_bars,revision,final\n";
    for (auto& x : rows) {
      append_rfc3339(out, x.start);
      out += ',';
      append_rfc3339(out, x.end);
      out +=
          ',' + x.session + ',' + x.open + ',' + x.high + ',' + x.low + ','
          + x.close + ',' + std::to_string(x.volume_shares) + ',' + x.vwap + ','
          + std::to_string(x.bars) + ',' + std::to_string(x.expected_bars) + ','
          + std::to_string(x.revision) + (x.final ? ",true" : ",false") + '\n';
    }
    return csv_reply(std::move(out), symbol + "-windows-" + width);
  }
  out += "{\"symbol\":\"" + symbol + "\",\"width\":\"" + width
         + "\",\"windows\":[";
  for (auto& x : rows) {
    out += &x == &rows.front() ? "{\"start\":\"" : ",{\"start\":\"";
    append_rfc3339(out, x.start);
    out += "\",\"end\":\"";
    append_rfc3339(out, x.end);
    out += "\",\"session\":\"" + x.session + '"';
    append_prices(out, x.open, x.high, x.low, x.close);
    out += ",\"volume\":" + std::to_string(x.volume_shares)
           + ",\"vwap\":" + (x.vwap.empty() ? "null" : x.vwap)
           + ",\"bars\":" + std::to_string(x.bars)
           + ",\"expected_bars\":" + std::to_string(x.expected_bars)
           + ",\"revision\":" + std::to_string(x.revision)
           + ",\"final\":" + (x.final ? "true}" : "false}");
  }
  out += "],\"next\":" + next + '}';
  return {200, "application/json", std::move(out), api_headers};
}

json market_resources::gaps_of(const std::string& symbol,
                               std::optional<timestamp> from,
                               std::optional<timestamp> to,
                               std::size_t limit) const {
  auto result = json::array();
  auto extent = ask([&](market_view& v) { return v.extent(symbol); });
  if (!extent)
    return result;
  auto start = std::max(extent->first, from.value_or(extent->first));
  auto end = std::min(extent->second, to.value_or(extent->second));
  auto began = std::chrono::steady_clock::now();
  // Newest first, a part at a time: years of bars need not be read for a page.
  while (start < end && result.size() < limit) {
    if (std::chrono::steady_clock::now() - began > gap_patience)
      throw unavailable("it would take too long: give from and to");
    auto part = std::max(start, end - gap_step);
    auto starts = ask(
        [&](market_view& v) { return v.regular_starts(symbol, part, end); });
    auto gaps = gaps_between(nyse(), view_.interval, starts, part, end);
    for (auto i = gaps.rbegin(); i != gaps.rend() && result.size() < limit; ++i)
      result.push_back({{"symbol", symbol},
                        {"from", format_rfc3339(i->start)},
                        {"to", format_rfc3339(i->end)},
                        {"bars", i->bars}});
    end = part;
  }
  return result;
}

json market_resources::gaps(const picture& x, const query& parameters) const {
  auto limit = parameters.limit();
  auto from = parameters.instant("from");
  auto to = parameters.instant("to");
  std::vector<std::string> symbols;
  if (parameters.has("symbol")) {
    symbols.push_back(symbol_in(parameters.text("symbol", 32)));
  } else {
    for (auto& shard : x.status.shards)
      for (auto& t : shard.report.tickers)
        symbols.push_back(t.symbol);
  }
  auto began = std::chrono::steady_clock::now();
  std::vector<json> all;
  for (auto& symbol : symbols) {
    if (std::chrono::steady_clock::now() - began > 2 * gap_patience)
      throw unavailable("it would take too long: give a symbol, or from");
    for (auto& gap : gaps_of(symbol, from, to, limit))
      all.push_back(std::move(gap));
  }
  std::stable_sort(all.begin(), all.end(), [](auto& a, auto& b) {
    return a["from"].template get_ref<const std::string&>()
           > b["from"].template get_ref<const std::string&>();
  });
  if (all.size() > limit)
    all.resize(limit);
  return {{"items", std::move(all)}};
}

} // namespace tickerflow::console
