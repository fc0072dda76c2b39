#include "io/postgres/migrations.hpp"

#include "io/postgres/checksum.hpp"
#include "io/postgres/connection.hpp"

#include "schema_files.hpp"

#include <algorithm>
#include <charconv>

namespace tickerflow {

namespace {

// "tickerf1" as a number: only programs of this name take this lock.
constexpr const char* lock =
    "SELECT pg_advisory_xact_lock(8388353540797572657)";

std::vector<migration> read_embedded() {
  std::vector<migration> result;
  for (auto& file : embedded::schema_files()) {
    migration step;
    std::from_chars(file.name.data(), file.name.data() + 3, step.version);
    step.name = file.name;
    step.text = file.content;
    result.push_back(step);
  }
  std::sort(result.begin(), result.end(),
            [](auto& x, auto& y) { return x.version < y.version; });
  return result;
}

bool legacy_table_in_the_way(pqxx::work& tx) {
  return !tx.exec("SELECT 1 FROM pg_class WHERE relkind IN ('r', 'p')"
                  " AND oid = to_regclass('public.stocks')")
              .empty();
}

caf::expected<int> apply(pqxx::connection& connection,
                         const std::vector<migration>& steps) {
  pqxx::work tx{connection};
  tx.exec(lock);
  tx.exec("SET LOCAL client_min_messages = warning");
  tx.exec("CREATE SCHEMA IF NOT EXISTS tickerflow");
  tx.exec("CREATE TABLE IF NOT EXISTS tickerflow.migration ("
          " version integer PRIMARY KEY, name text NOT NULL,"
          " checksum text NOT NULL,"
          " applied_at timestamptz NOT NULL DEFAULT now())");
  if (legacy_table_in_the_way(tx))
    return failure(errc::bad_setting,
                   "the table public.stocks of an earlier pipeline is where "
                   "the view stocks has to be (keep it under another name: "
                   "ALTER TABLE stocks RENAME TO stocks_legacy; \"tickerflow "
                   "migrate-legacy\" then takes its bars over)");
  auto known = tx.exec("SELECT version, name, checksum"
                       " FROM tickerflow.migration ORDER BY version");
  auto newest = steps.empty() ? 0 : steps.back().version;
  if (!known.empty() && known.back()[0].as<int>() > newest)
    return failure(errc::newer_schema,
                   "the database has schema version "
                       + std::to_string(known.back()[0].as<int>())
                       + ", this program knows " + std::to_string(newest)
                       + ": a newer Tickerflow has used it (upgrade this "
                         "program, or use another database)");
  for (auto row : known) {
    auto version = row[0].as<int>();
    auto step = std::find_if(steps.begin(), steps.end(),
                             [&](auto& x) { return x.version == version; });
    if (step == steps.end() || sha256(step->text) != row[2].c_str())
      return failure(errc::bad_setting,
                     "migration " + row[1].as<std::string>()
                         + " in the database is not the one of this program "
                           "(it was changed after it was applied; restore the "
                           "file, or start with an empty database)");
  }
  int applied = 0;
  for (auto& step : steps) {
    auto done = std::any_of(known.begin(), known.end(), [&](auto row) {
      return row[0].template as<int>() == step.version;
    });
    if (done)
      continue;
    tx.exec(std::string{step.text});
    tx.exec_params("INSERT INTO tickerflow.migration (version, name, checksum)"
                   " VALUES ($1, $2, $3)",
                   step.version, std::string{step.name}, sha256(step.text));
    ++applied;
  }
  tx.commit();
  return applied;
}

} // namespace

const std::vector<migration>& program_migrations() {
  static const auto steps = read_embedded();
  return steps;
}

caf::expected<int> migrate(const std::string& dsn,
                           const std::vector<migration>& steps) {
  lazy_connection connection{dsn};
  return with_connection(connection,
                         [&](auto& open) { return apply(open, steps); });
}

} // namespace tickerflow
