#include "io/postgres/load_days.hpp"

#include "market/exchange_time.hpp"
#include "market/price.hpp"

#include <unordered_map>

namespace tickerflow {

namespace {

/// The ranges that are read for one symbol, as columns of unnest().
struct ranges {
  std::string symbols = "{";
  std::string day_starts = "{";
  std::string day_ends = "{";
  std::string week_starts = "{";
  std::string week_ends = "{";

  void add(const std::string& symbol, const trading_day& day) {
    auto monday = week_of(day.date);
    auto comma = symbols.size() > 1 ? "," : "";
    // The week's windows start with its first session, which is after Monday's
    // midnight in UTC; days are told apart by the exchange's date.
    symbols += comma + ('"' + symbol + '"');
    day_starts += comma + format_rfc3339(day.pre_open);
    day_ends += comma + format_rfc3339(day.post_close);
    week_starts += comma + format_rfc3339(timestamp{monday});
    week_ends += comma + format_rfc3339(timestamp{monday + date::days{7}});
  }

  void close() {
    for (auto x : {&symbols, &day_starts, &day_ends, &week_starts, &week_ends})
      *x += '}';
  }
};

using by_symbol = std::unordered_map<std::string, stored_day>;

timestamp instant(const pqxx::field& x) {
  return timestamp{std::chrono::seconds{x.as<std::int64_t>()}};
}

std::int64_t price(const pqxx::field& x) {
  return parse_e4(x.c_str()).value_or(0);
}

session session_of(std::string_view text) {
  for (auto x : {session::pre, session::regular, session::post})
    if (to_string(x) == text)
      return x;
  return session::regular;
}

window_width width_of(std::string_view text) {
  for (auto x : day_widths)
    if (to_string(x) == text)
      return x;
  return window_width::w1;
}

void read_bars(pqxx::work& tx, const ranges& r, by_symbol& out) {
  auto rows = tx.exec_params(
      "SELECT b.symbol, extract(epoch FROM b.start)::bigint, b.interval_s,"
      " b.open, b.high, b.low, b.close, b.volume, b.revision"
      " FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[])"
      "  AS r(symbol, first, last)"
      " JOIN market.bar b ON b.symbol = r.symbol COLLATE \"C\""
      "  AND b.start >= r.first AND b.start < r.last"
      " ORDER BY b.symbol, b.start",
      r.symbols, r.day_starts, r.day_ends);
  for (auto row : rows) {
    auto& day = out[row[0].c_str()];
    stored_bar x;
    x.value.symbol = row[0].c_str();
    x.value.start = instant(row[1]);
    x.value.interval = std::chrono::seconds{row[2].as<int>()};
    x.value.open_e4 = price(row[3]);
    x.value.high_e4 = price(row[4]);
    x.value.low_e4 = price(row[5]);
    x.value.close_e4 = price(row[6]);
    x.value.volume_shares =
        row[7].is_null() ? no_volume : row[7].as<std::int64_t>();
    x.revision = row[8].as<int>();
    day.interval = x.value.interval;
    day.bars.push_back(std::move(x));
  }
}

void read_windows(pqxx::work& tx, const ranges& r, by_symbol& out) {
  auto rows = tx.exec_params(
      "SELECT w.symbol, w.width, w.session,"
      " extract(epoch FROM w.window_start)::bigint, w.revision, w.final"
      " FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[],"
      "  $4::timestamptz[], $5::timestamptz[])"
      "  AS r(symbol, first, last, monday, next_monday)"
      " JOIN market.bar_window w ON w.symbol = r.symbol COLLATE \"C\""
      "  AND w.window_start >= r.monday AND w.window_start < r.next_monday"
      "  AND (w.width = '1w'"
      "   OR (w.window_start >= r.first AND w.window_start < r.last))",
      r.symbols, r.day_starts, r.day_ends, r.week_starts, r.week_ends);
  for (auto row : rows)
    out[row[0].c_str()].windows.push_back(
        {session_of(row[2].c_str()), width_of(row[1].c_str()), instant(row[3]),
         row[4].as<int>(), row[5].as<bool>()});
}

/// Sums up the other days of the week, in the database: exact, and nothing but
/// a row a day is moved.
void read_weeks(pqxx::work& tx, const ranges& r, by_symbol& out) {
  auto rows = tx.exec_params(
      "SELECT b.symbol,"
      " (b.start AT TIME ZONE 'America/New_York')::date - date '1970-01-01',"
      " (array_agg(b.open ORDER BY b.start))[1], max(b.high), min(b.low),"
      " (array_agg(b.close ORDER BY b.start DESC))[1],"
      " coalesce(sum(b.volume), 0),"
      " coalesce(sum((b.high + b.low + b.close) * b.volume), 0), count(*)"
      " FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[],"
      "  $4::timestamptz[], $5::timestamptz[])"
      "  AS r(symbol, first, last, monday, next_monday)"
      " JOIN market.bar b ON b.symbol = r.symbol COLLATE \"C\""
      "  AND b.start >= r.monday AND b.start < r.next_monday"
      "  AND NOT (b.start >= r.first AND b.start < r.last)"
      "  AND b.session = 'regular'"
      " GROUP BY 1, 2",
      r.symbols, r.day_starts, r.day_ends, r.week_starts, r.week_ends);
  for (auto row : rows) {
    window w;
    w.width = window_width::d1;
    w.open_e4 = price(row[2]);
    w.high_e4 = price(row[3]);
    w.low_e4 = price(row[4]);
    w.close_e4 = price(row[5]);
    w.volume_shares = row[6].as<std::int64_t>();
    // numeric(.,4) times shares: as an integer of e4 it is the text without
    // its point.
    std::string_view text = row[7].c_str();
    int decimals = -1;
    for (auto c : text) {
      if (c == '.')
        decimals = 0;
      else {
        w.price_volume = w.price_volume * 10 + (c - '0');
        if (decimals >= 0)
          ++decimals;
      }
    }
    for (decimals = std::max(decimals, 0); decimals < 4; ++decimals)
      w.price_volume *= 10;
    w.bars = row[8].as<int>();
    out[row[0].c_str()].week.emplace_back(
        date::sys_days{date::days{row[1].as<int>()}}, w);
  }
}

std::vector<stored_day> read_days(pqxx::work& tx, ranges& r, by_symbol& days) {
  r.close();
  read_bars(tx, r, days);
  read_windows(tx, r, days);
  read_weeks(tx, r, days);
  std::vector<stored_day> result;
  result.reserve(days.size());
  for (auto& [symbol, day] : days)
    result.push_back(std::move(day));
  return result;
}

} // namespace

std::vector<stored_day>
load_latest_days(pqxx::work& tx, const std::vector<std::string>& names) {
  std::string symbols = "{";
  for (auto& name : names)
    symbols += (symbols.size() > 1 ? ",\"" : "\"") + name + '"';
  symbols += '}';
  auto rows = tx.exec_params(
      "SELECT n.symbol, extract(epoch FROM newest.start)::bigint,"
      " newest.interval_s FROM unnest($1::text[]) AS n(symbol)"
      " CROSS JOIN LATERAL (SELECT b.start, b.interval_s FROM market.bar b"
      "  WHERE b.symbol = n.symbol COLLATE \"C\""
      "  ORDER BY b.start DESC LIMIT 1) AS newest",
      symbols);
  ranges r;
  by_symbol days;
  for (auto row : rows) {
    auto newest = instant(row[1]);
    auto day = nyse().day_at(newest);
    if (!day)
      continue; // a row that somebody else wrote
    std::string symbol = row[0].c_str();
    r.add(symbol, *day);
    auto& stored = days[symbol];
    stored.symbol = symbol;
    stored.date = day->date;
    stored.watermark = newest + std::chrono::seconds{row[2].as<int>()};
  }
  if (days.empty())
    return {};
  return read_days(tx, r, days);
}

std::vector<stored_day> load_day(pqxx::work& tx, const std::string& symbol,
                                 date::sys_days date) {
  auto day = nyse().day_on(date);
  if (!day)
    return {};
  ranges r;
  r.add(symbol, *day);
  by_symbol days;
  auto& stored = days[symbol];
  stored.symbol = symbol;
  stored.date = date;
  return read_days(tx, r, days);
}

} // namespace tickerflow
