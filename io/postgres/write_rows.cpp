#include "io/postgres/write_rows.hpp"

#include "market/exchange_time.hpp"
#include "market/price.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace tickerflow {

namespace {

const std::array<std::string, 11> bar_columns{
    "symbol", "start", "interval_s", "session",  "open",    "high",
    "low",    "close", "volume",     "revision", "suspect",
};

const std::array<std::string, 15> window_columns{
    "symbol", "width", "session",       "window_start", "window_end",
    "open",   "high",  "low",           "close",        "volume",
    "vwap",   "bars",  "expected_bars", "revision",     "final",
};

constexpr const char* null_in_copy = nullptr;

/// A row's fields as text; a null is an empty optional.
using field = std::optional<std::string>;
using fields = std::vector<field>;

field text(std::string_view x) { return std::string{x}; }

fields fields_of(const bar_change& x) {
  auto& b = x.value;
  return {b.symbol,
          format_rfc3339(b.start),
          std::to_string(b.interval.count()),
          text(to_string(x.session)),
          format_e4(b.open_e4),
          format_e4(b.high_e4),
          format_e4(b.low_e4),
          format_e4(b.close_e4),
          b.volume_shares == no_volume ? field{}
                                       : field{std::to_string(b.volume_shares)},
          std::to_string(x.revision),
          text(x.suspect ? "t" : "f")};
}

std::string format_e6(std::int64_t x) {
  auto digits = std::to_string(x);
  if (digits.size() < 7)
    digits.insert(0, 7 - digits.size(), '0');
  return digits.insert(digits.size() - 6, 1, '.');
}

fields fields_of(const window_change& x) {
  auto& w = x.value;
  auto vwap = w.vwap_e6();
  return {x.symbol,
          text(to_string(w.width)),
          text(to_string(w.session)),
          format_rfc3339(w.start),
          format_rfc3339(w.end),
          format_e4(w.open_e4),
          format_e4(w.high_e4),
          format_e4(w.low_e4),
          format_e4(w.close_e4),
          std::to_string(w.volume_shares),
          vwap ? field{format_e6(*vwap)} : field{},
          std::to_string(w.bars),
          std::to_string(w.expected_bars),
          std::to_string(w.revision),
          text(w.final ? "t" : "f")};
}

/// Streams rows by COPY; the fields need no escapes, they are our own.
template <class Rows, size_t N>
void copy(pqxx::work& tx, const std::string& table,
          const std::array<std::string, N>& columns, const Rows& rows) {
  if (std::none_of(rows.begin(), rows.end(), [](auto& x) { return x.is_new; }))
    return;
  pqxx::stream_to out{tx, table, columns};
  std::array<const char*, N> line{};
  for (auto& row : rows) {
    if (!row.is_new)
      continue;
    auto values = fields_of(row);
    for (size_t i = 0; i < values.size(); ++i)
      line[i] = values[i] ? values[i]->c_str() : null_in_copy;
    out << line;
  }
  out.complete();
}

/// Column-wise array literals for unnest().
template <class Rows>
std::vector<std::string> arrays_of(const Rows& rows, size_t columns,
                                   size_t& count) {
  std::vector<std::string> result(columns, "{");
  count = 0;
  for (auto& row : rows) {
    if (row.is_new)
      continue;
    auto values = fields_of(row);
    for (size_t i = 0; i < columns; ++i) {
      if (count > 0)
        result[i] += ',';
      // Quoted, for a symbol may be NULL or TRUE.
      result[i] += values[i] ? '"' + *values[i] + '"' : std::string{"NULL"};
    }
    ++count;
  }
  for (auto& x : result)
    x += '}';
  return result;
}

void upsert_bars(pqxx::work& tx, const std::vector<bar_change>& rows) {
  size_t count = 0;
  auto a = arrays_of(rows, bar_columns.size(), count);
  if (count == 0)
    return;
  tx.exec_params(
      "INSERT INTO market.bar (symbol, start, interval_s, session, open, high,"
      " low, close, volume, revision, suspect)"
      " SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::integer[],"
      " $4::market.session[], $5::numeric[], $6::numeric[], $7::numeric[],"
      " $8::numeric[], $9::bigint[], $10::integer[], $11::boolean[])"
      " ON CONFLICT (symbol, start) DO UPDATE SET interval_s ="
      " excluded.interval_s, session = excluded.session, open = excluded.open,"
      " high = excluded.high, low = excluded.low, close = excluded.close,"
      " volume = excluded.volume, revision = excluded.revision,"
      " suspect = excluded.suspect, stored_at = now()",
      a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10]);
}

void upsert_windows(pqxx::work& tx, const std::vector<window_change>& rows) {
  size_t count = 0;
  auto a = arrays_of(rows, window_columns.size(), count);
  if (count == 0)
    return;
  tx.exec_params(
      "INSERT INTO market.bar_window (symbol, width, session, window_start,"
      " window_end, open, high, low, close, volume, vwap, bars, expected_bars,"
      " revision, final)"
      " SELECT * FROM unnest($1::text[], $2::market.window_width[],"
      " $3::market.session[], $4::timestamptz[], $5::timestamptz[],"
      " $6::numeric[], $7::numeric[], $8::numeric[], $9::numeric[],"
      " $10::bigint[], $11::numeric[], $12::integer[], $13::integer[],"
      " $14::integer[], $15::boolean[])"
      " ON CONFLICT (symbol, window_start, width, session) DO UPDATE SET"
      " window_end = excluded.window_end, open = excluded.open,"
      " high = excluded.high, low = excluded.low, close = excluded.close,"
      " volume = excluded.volume, vwap = excluded.vwap, bars = excluded.bars,"
      " expected_bars = excluded.expected_bars, revision = excluded.revision,"
      " final = excluded.final, updated_at = now()",
      a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11],
      a[12], a[13], a[14]);
}

/// Rare and of any bytes: one by one, bytea quoted by the library.
void insert_dead_letters(pqxx::work& tx, const std::vector<dead_letter>& rows) {
  for (auto& x : rows)
    tx.exec_params("INSERT INTO pipeline.dead_letter (topic, shard,"
                   " record_offset, reason, detail, record_key, payload)"
                   " VALUES ($1, $2, $3, $4, $5, $6, $7)"
                   " ON CONFLICT DO NOTHING",
                   x.topic, x.shard, x.offset, x.reason, x.detail,
                   pqxx::binarystring{x.key}, pqxx::binarystring{x.payload});
}

} // namespace

void write_rows(pqxx::work& tx, const shard_write& x) {
  copy(tx, "market.bar", bar_columns, x.changes.bars);
  copy(tx, "market.bar_window", window_columns, x.changes.windows);
  upsert_bars(tx, x.changes.bars);
  upsert_windows(tx, x.changes.windows);
  insert_dead_letters(tx, x.dead_letters);
}

} // namespace tickerflow
