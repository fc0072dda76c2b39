#include "io/postgres/legacy_table.hpp"

#include "io/postgres/connection.hpp"

#include <algorithm>
#include <optional>

namespace tickerflow {

namespace {

constexpr const char* needed_columns[] = {"date", "symbol", "open",
                                          "high", "low",    "close"};

/// Rows moved at once: some MB.
constexpr const char* fetch = "FETCH 20000 FROM legacy_rows";

struct found_table {
  std::string name;
  bool ordered = false;
  bool has_volume = false;
};

std::optional<found_table> find(pqxx::nontransaction& tx,
                                const std::string& name) {
  // A partition has places of its own, a view has none.
  auto rows =
      tx.exec_params("SELECT c.oid::regclass::text, c.relkind IN ('r', 'm'),"
                     " c.relkind = 'v' AND c.oid = to_regclass('public.stocks')"
                     "  AND to_regclass('market.bar') IS NOT NULL"
                     " FROM pg_class c WHERE c.oid = to_regclass($1)"
                     " AND c.relkind IN ('r', 'p', 'v', 'm', 'f')",
                     name);
  if (rows.empty() || rows[0][2].as<bool>())
    return std::nullopt; // or our own view of this name
  return found_table{rows[0][0].c_str(), rows[0][1].as<bool>(), false};
}

caf::error check_columns(pqxx::nontransaction& tx, found_table& table) {
  auto rows = tx.exec_params("SELECT attname FROM pg_attribute WHERE attrelid ="
                             " to_regclass($1) AND attnum > 0"
                             " AND NOT attisdropped",
                             table.name);
  auto has = [&](std::string_view name) {
    return std::any_of(rows.begin(), rows.end(),
                       [&](auto row) { return row[0].c_str() == name; });
  };
  std::string missing;
  for (auto name : needed_columns)
    if (!has(name))
      missing += (missing.empty() ? "" : ", ") + std::string{name};
  table.has_volume = has("volume");
  if (missing.empty())
    return caf::none;
  return failure(errc::bad_setting,
                 "table " + table.name + " has no column " + missing
                     + ": it is not the earlier pipeline's (its columns are "
                       "date, symbol, open, high, low, close; name the table "
                       "with --table)");
}

/// Columns as texts, a null as an empty one.
std::string texts(std::initializer_list<const char*> names) {
  std::string result;
  for (std::string name : names)
    result +=
        (result.empty() ? "" : ", ") + ("coalesce(" + name) + "::text, '')";
  return result;
}

constexpr const char* by_symbol_and_date =
    " ORDER BY upper(btrim(symbol::text)) COLLATE \"C\","
    " date::text COLLATE \"C\"";

} // namespace

struct legacy_table::implementation {
  lazy_connection connection;
  std::unique_ptr<pqxx::nontransaction> tx;
  legacy_selection wanted;
  found_table table;

  explicit implementation(const std::string& dsn) : connection{dsn} {}

  caf::error open();
  std::string condition() const;
  caf::error each(const std::string& query,
                  const std::function<bool(const pqxx::row&)>& f);

  /// Runs `f()` and turns exceptions into an error that names the source.
  template <class F>
  caf::error guarded(F f) {
    caf::error reason;
    try {
      reason = f();
    } catch (...) {
      reason = current_database_error(connection);
      tx.reset();
    }
    if (!reason)
      return reason;
    auto code = reason == errc::refused       ? errc::refused
                : reason == errc::unavailable ? errc::unavailable
                                              : errc::bad_setting;
    return failure(code, "the earlier database (--from): " + text_of(reason));
  }
};

caf::error legacy_table::implementation::open() {
  auto& c = connection.get();
  c.set_variable("application_name", "'tickerflow migrate-legacy'");
  c.set_variable("datestyle", "'ISO, YMD'");
  // Twice: for this transaction, and for any other on this connection.
  c.set_variable("default_transaction_read_only", "on");
  tx = std::make_unique<pqxx::nontransaction>(c);
  tx->exec("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  // Most rows are doubles: a hash of the distinct ones fits into memory, where
  // the planner, which cannot know that, would sort the whole table on disk.
  tx->exec("SET LOCAL work_mem = '64MB'");
  tx->exec("SET LOCAL enable_sort = off");
  auto names = wanted.table.empty()
                   ? std::vector<std::string>{"stocks", "stocks_legacy"}
                   : std::vector<std::string>{wanted.table};
  for (auto& name : names)
    if (auto found = find(*tx, name)) {
      table = *found;
      return check_columns(*tx, table);
    }
  return failure(
      errc::bad_setting,
      wanted.table.empty()
          ? "no table stocks or stocks_legacy in this database (a view stocks "
            "of Tickerflow does not count; name the table with --table)"
          : "no table " + wanted.table
                + " in this database (check --table and the database's name)");
}

/// The rows that are wanted, as SQL.
std::string legacy_table::implementation::condition() const {
  std::string result = " WHERE true";
  if (!wanted.symbols.empty()) {
    std::string list;
    for (auto& x : wanted.symbols)
      list += (list.empty() ? "" : ", ") + tx->quote(x);
    result += " AND upper(btrim(\"symbol\"::text)) IN (" + list + ')';
  }
  auto day = "left(btrim(\"date\"::text), 10) COLLATE \"C\"";
  if (!wanted.since.empty())
    result += std::string{" AND "} + day + " >= " + tx->quote(wanted.since);
  if (!wanted.until.empty())
    result += std::string{" AND "} + day + " < " + tx->quote(wanted.until);
  return result;
}

caf::error legacy_table::implementation::each(
    const std::string& query, const std::function<bool(const pqxx::row&)>& f) {
  return guarded([&]() -> caf::error {
    if (!tx)
      return failure(errc::unavailable, "the connection was lost before");
    tx->exec("DECLARE legacy_rows NO SCROLL CURSOR FOR " + query);
    for (auto going_on = true; going_on;) {
      auto rows = tx->exec(fetch);
      if (rows.empty())
        break;
      for (auto row : rows)
        if (!f(row)) {
          going_on = false;
          break;
        }
    }
    tx->exec("CLOSE legacy_rows");
    return caf::none;
  });
}

legacy_table::legacy_table() = default;

legacy_table::~legacy_table() = default;

caf::expected<std::unique_ptr<legacy_table>>
legacy_table::open(const std::string& dsn, legacy_selection wanted) {
  std::unique_ptr<legacy_table> result{new legacy_table};
  result->implementation_ = std::make_unique<implementation>(dsn);
  auto& x = *result->implementation_;
  x.wanted = std::move(wanted);
  if (auto error = x.guarded([&] { return x.open(); }))
    return error;
  return result;
}

const std::string& legacy_table::name() const {
  return implementation_->table.name;
}

bool legacy_table::ordered() const { return implementation_->table.ordered; }

caf::error
legacy_table::each_time(const std::function<bool(const legacy_row&)>& f) {
  auto& x = *implementation_;
  legacy_row group;
  return x.each("SELECT " + texts({"symbol", "date"})
                    + ", times FROM (SELECT symbol, date, count(*) AS times"
                      " FROM "
                    + x.table.name + x.condition()
                    + " GROUP BY symbol, date) AS r" + by_symbol_and_date,
                [&](const pqxx::row& row) {
                  group.symbol = row[0].c_str();
                  group.date = row[1].c_str();
                  group.times = row[2].as<std::int64_t>();
                  return f(group);
                });
}

caf::error
legacy_table::each_row(const std::function<bool(const legacy_row&)>& f) {
  auto& x = *implementation_;
  // Block and line, as one number that rises; (7,3) is point syntax as well.
  std::string place = x.table.ordered
                          ? "max((ctid::text::point)[0]::bigint * 65536"
                            " + (ctid::text::point)[1]::bigint)"
                          : "0::bigint";
  std::string columns = "symbol, date, open, high, low, close";
  if (x.table.has_volume)
    columns += ", volume";
  legacy_row group;
  return x.each(
      "SELECT " + texts({"symbol", "date", "open", "high", "low", "close"})
          + ", " + (x.table.has_volume ? texts({"volume"}) : "''")
          + ", times, place FROM (SELECT " + columns + ", count(*) AS times, "
          + place + " AS place FROM " + x.table.name + x.condition()
          + " GROUP BY " + columns + ") AS r" + by_symbol_and_date + ", place",
      [&](const pqxx::row& row) {
        group.symbol = row[0].c_str();
        group.date = row[1].c_str();
        group.open = row[2].c_str();
        group.high = row[3].c_str();
        group.low = row[4].c_str();
        group.close = row[5].c_str();
        group.volume = row[6].c_str();
        group.times = row[7].as<std::int64_t>();
        group.place = row[8].as<std::int64_t>();
        return f(group);
      });
}

} // namespace tickerflow
