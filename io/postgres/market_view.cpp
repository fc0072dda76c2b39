#include "io/postgres/market_view.hpp"

#include "io/postgres/reading.hpp"

#include <algorithm>

namespace tickerflow {

namespace {

timestamp instant(const pqxx::field& x) {
  return timestamp{std::chrono::seconds{x.as<std::int64_t>()}};
}

std::int64_t unix_s(timestamp x) { return x.time_since_epoch().count(); }

/// "FROM $2", "TO $3" and the order of a range; newest first without `from`.
std::string range_clause(const row_range& x, const std::string& column) {
  std::string result;
  if (x.from)
    result += " AND " + column + " >= to_timestamp("
              + std::to_string(unix_s(*x.from)) + ")";
  if (x.to)
    result += " AND " + column + " < to_timestamp("
              + std::to_string(unix_s(*x.to)) + ")";
  result += " ORDER BY " + column + (x.from ? "" : " DESC");
  return result;
}

std::string limit_clause(const row_range& x) {
  return " LIMIT " + std::to_string(x.limit + (x.from ? 1 : 0));
}

constexpr const char* bar_columns =
    "SELECT extract(epoch FROM start)::bigint, interval_s, session,"
    " trim_scale(open), trim_scale(high), trim_scale(low), trim_scale(close),"
    " volume, revision, suspect FROM market.bar WHERE symbol = $1";

constexpr const char* window_columns =
    "SELECT extract(epoch FROM window_start)::bigint,"
    " extract(epoch FROM window_end)::bigint, session,"
    " trim_scale(open), trim_scale(high), trim_scale(low), trim_scale(close),"
    " volume, trim_scale(vwap), bars, expected_bars, revision, final"
    " FROM market.bar_window WHERE symbol = $1 AND width = $2";

} // namespace

struct market_view::implementation {
  lazy_connection connection;
};

market_view::market_view(std::string dsn)
    : implementation_(std::make_unique<implementation>(
        implementation{lazy_connection{std::move(dsn), reading_limit}})) {}

market_view::~market_view() = default;

caf::expected<std::vector<bar_row>> market_view::bars(const row_range& x) {
  return read_only(
      implementation_->connection,
      [&](pqxx::read_transaction& tx) -> caf::expected<std::vector<bar_row>> {
        std::vector<bar_row> result;
        for (auto row : tx.exec_params(bar_columns + range_clause(x, "start")
                                           + limit_clause(x),
                                       x.symbol)) {
          bar_row y;
          y.start = instant(row[0]);
          y.interval_s = row[1].as<std::int32_t>();
          y.session = row[2].c_str();
          y.open = row[3].c_str();
          y.high = row[4].c_str();
          y.low = row[5].c_str();
          y.close = row[6].c_str();
          if (!row[7].is_null())
            y.volume_shares = row[7].as<std::int64_t>();
          y.revision = row[8].as<std::int32_t>();
          y.suspect = row[9].as<bool>();
          result.push_back(std::move(y));
        }
        if (!x.from)
          std::reverse(result.begin(), result.end());
        return result;
      });
}

caf::expected<std::vector<window_row>>
market_view::windows(const row_range& x, const std::string& width,
                     const std::string& session) {
  return read_only(implementation_->connection,
                   [&](pqxx::read_transaction& tx)
                       -> caf::expected<std::vector<window_row>> {
                     std::vector<window_row> result;
                     std::string query = window_columns;
                     if (!session.empty())
                       query += " AND session = " + tx.quote(session);
                     // Windows of several sessions of one day can start at one
                     // instant.
                     for (auto row : tx.exec_params(
                              query + range_clause(x, "window_start")
                                  + (x.from ? ", session" : ", session DESC")
                                  + limit_clause(x),
                              x.symbol, width)) {
                       window_row y;
                       y.start = instant(row[0]);
                       y.end = instant(row[1]);
                       y.session = row[2].c_str();
                       y.open = row[3].c_str();
                       y.high = row[4].c_str();
                       y.low = row[5].c_str();
                       y.close = row[6].c_str();
                       y.volume_shares = row[7].as<std::int64_t>();
                       y.vwap = row[8].is_null() ? "" : row[8].c_str();
                       y.bars = row[9].as<std::int32_t>();
                       y.expected_bars = row[10].as<std::int32_t>();
                       y.revision = row[11].as<std::int32_t>();
                       y.final = row[12].as<bool>();
                       result.push_back(std::move(y));
                     }
                     if (!x.from)
                       std::reverse(result.begin(), result.end());
                     return result;
                   });
}

caf::expected<std::vector<timestamp>>
market_view::regular_starts(const std::string& symbol, timestamp from,
                            timestamp to) {
  return read_only(
      implementation_->connection,
      [&](pqxx::read_transaction& tx) -> caf::expected<std::vector<timestamp>> {
        std::vector<timestamp> result;
        for (auto row : tx.exec_params(
                 "SELECT extract(epoch FROM start)::bigint FROM market.bar"
                 " WHERE symbol = $1 AND session = 'regular'"
                 " AND start >= to_timestamp($2) AND start < to_timestamp($3)"
                 " ORDER BY start",
                 symbol, unix_s(from), unix_s(to)))
          result.push_back(instant(row[0]));
        return result;
      });
}

caf::expected<std::optional<std::pair<timestamp, timestamp>>>
market_view::extent(const std::string& symbol) {
  using result_type = std::optional<std::pair<timestamp, timestamp>>;
  return read_only(
      implementation_->connection,
      [&](pqxx::read_transaction& tx) -> caf::expected<result_type> {
        auto row =
            tx.exec_params1("SELECT extract(epoch FROM min(start))::bigint,"
                            " extract(epoch FROM max(start))::bigint"
                            " FROM market.bar WHERE symbol = $1",
                            symbol);
        if (row[0].is_null())
          return result_type{};
        return result_type{{instant(row[0]), instant(row[1])}};
      });
}

caf::expected<ticker_facts> market_view::facts(const std::string& symbol,
                                               timestamp day_open,
                                               timestamp since) {
  return read_only(
      implementation_->connection,
      [&](pqxx::read_transaction& tx) -> caf::expected<ticker_facts> {
        ticker_facts result;
        auto rows = tx.exec_params(
            "SELECT trim_scale(close) FROM market.bar WHERE symbol = $1"
            " AND session = 'regular' AND start < to_timestamp($2)"
            " ORDER BY start DESC LIMIT 1",
            symbol, unix_s(day_open));
        if (!rows.empty())
          result.previous_close = rows[0][0].c_str();
        result.revisions =
            tx.exec_params1("SELECT count(*) FROM market.bar WHERE symbol = $1"
                            " AND start >= to_timestamp($2) AND revision > 0",
                            symbol, unix_s(since))[0]
                .as<std::int64_t>();
        return result;
      });
}

caf::expected<std::optional<stored_times>>
market_view::times_of(const std::string& symbol,
                      std::optional<timestamp> start) {
  using result_type = std::optional<stored_times>;
  return read_only(
      implementation_->connection,
      [&](pqxx::read_transaction& tx) -> caf::expected<result_type> {
        auto which = start ? " AND start = to_timestamp("
                                 + std::to_string(unix_s(*start)) + ")"
                           : std::string{" ORDER BY start DESC LIMIT 1"};
        auto rows = tx.exec_params(
            "SELECT extract(epoch FROM start)::bigint, interval_s, revision,"
            " (extract(epoch FROM stored_at) * 1000)::bigint, session"
            " FROM market.bar WHERE symbol = $1"
                + which,
            symbol);
        if (rows.empty())
          return result_type{};
        stored_times result;
        result.start = instant(rows[0][0]);
        result.interval_s = rows[0][1].as<std::int32_t>();
        result.revision = rows[0][2].as<std::int32_t>();
        result.stored_ms = rows[0][3].as<std::int64_t>();
        auto windows = tx.exec_params(
            "SELECT width || ' ' || session,"
            " (extract(epoch FROM updated_at) * 1000)::bigint, final"
            " FROM market.bar_window WHERE symbol = $1 AND width = '15m'"
            " AND session::text = $2 AND window_start <= to_timestamp($3)"
            " AND window_end > to_timestamp($3)",
            symbol, rows[0][4].c_str(), unix_s(result.start));
        if (!windows.empty()) {
          result.window = windows[0][0].c_str();
          result.window_ms = windows[0][1].as<std::int64_t>();
          result.window_final = windows[0][2].as<bool>();
        }
        return result_type{std::move(result)};
      });
}

} // namespace tickerflow
