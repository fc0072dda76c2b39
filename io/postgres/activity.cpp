#include "io/postgres/activity.hpp"

#include "io/postgres/connection.hpp"
#include "io/postgres/mask_literals.hpp"

namespace tickerflow {

namespace {

constexpr std::chrono::seconds patience{10};

struct statistics_query {
  const char* name;
  const char* sql;
  std::string_view sql_column = {}; // whose strings have to be masked
};

// Only settings of these names: others (archive_command, primary_conninfo) can
// hold passwords.
constexpr statistics_query queries[] = {
    {"server", R"(
SELECT 'version' AS name, version() AS value
UNION ALL SELECT 'database', current_database()
UNION ALL SELECT 'size_bytes', pg_database_size(current_database())::text
UNION ALL SELECT 'started', pg_postmaster_start_time()::text
UNION ALL SELECT 'in_recovery', pg_is_in_recovery()::text
UNION ALL (SELECT name, setting || coalesce(' ' || unit, '')
  FROM pg_settings WHERE name IN ('shared_buffers', 'work_mem',
    'effective_cache_size', 'max_connections', 'fsync', 'synchronous_commit',
    'full_page_writes', 'max_wal_size', 'checkpoint_timeout', 'autovacuum',
    'shared_preload_libraries', 'max_worker_processes', 'server_encoding',
    'TimeZone', 'default_transaction_isolation') ORDER BY name))"},
    {"activity", R"(
SELECT pid, application_name, backend_type, state, wait_event_type, wait_event,
  round(extract(epoch FROM now() - xact_start)::numeric, 3) AS transaction_s,
  round(extract(epoch FROM now() - query_start)::numeric, 3) AS query_s,
  pg_blocking_pids(pid)::text AS blocked_by, left(query, 2000) AS query
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
ORDER BY query_start)",
     "query"},
    {"statements", R"(
SELECT calls, round(total_exec_time::numeric, 1) AS total_ms,
  round(mean_exec_time::numeric, 3) AS mean_ms,
  round(max_exec_time::numeric, 1) AS max_ms, rows, shared_blks_hit,
  shared_blks_read, left(query, 2000) AS query
FROM pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY total_exec_time DESC LIMIT 50)",
     "query"},
    {"tables", R"(
SELECT schemaname || '.' || relname AS name, n_live_tup AS rows,
  n_dead_tup AS dead_rows, pg_total_relation_size(relid) AS bytes,
  pg_indexes_size(relid) AS index_bytes, n_tup_ins AS inserted,
  n_tup_upd AS updated, n_tup_del AS deleted, seq_scan, idx_scan,
  last_autovacuum, last_autoanalyze
FROM pg_stat_user_tables
ORDER BY pg_total_relation_size(relid) DESC LIMIT 200)"},
};

statistics_table run(pqxx::connection& open, const statistics_query& x) {
  statistics_table result;
  result.name = x.name;
  // By itself: what one may not be asked must not hide the others.
  try {
    pqxx::read_transaction tx{open};
    tx.exec0("SET LOCAL statement_timeout = '5s'");
    auto rows = tx.exec(x.sql);
    for (pqxx::row::size_type i = 0; i < rows.columns(); ++i)
      result.headings.emplace_back(rows.column_name(i));
    for (auto row : rows) {
      std::vector<std::string> texts;
      for (pqxx::row::size_type i = 0; i < rows.columns(); ++i) {
        std::string text = row[i].is_null() ? "" : row[i].c_str();
        texts.push_back(result.headings[i] == x.sql_column ? mask_literals(text)
                                                           : text);
      }
      result.rows.push_back(std::move(texts));
    }
  } catch (const pqxx::undefined_table&) {
    result.fault = "the extension pg_stat_statements is not there (CREATE "
                   "EXTENSION pg_stat_statements; it has to be in "
                   "shared_preload_libraries)";
  } catch (const pqxx::sql_error& e) {
    std::string text = e.what();
    result.fault = text.substr(0, text.find('\n'));
  }
  return result;
}

} // namespace

struct activity_view::implementation {
  lazy_connection connection;
};

activity_view::activity_view(std::string dsn)
    : implementation_(std::make_unique<implementation>(
        implementation{lazy_connection{std::move(dsn), patience}})) {
  // nop
}

activity_view::~activity_view() = default;

caf::expected<std::vector<statistics_table>> activity_view::look() {
  return with_connection(implementation_->connection,
                         [](pqxx::connection& open)
                             -> caf::expected<std::vector<statistics_table>> {
                           std::vector<statistics_table> result;
                           for (auto& x : queries)
                             result.push_back(run(open, x));
                           return result;
                         });
}

} // namespace tickerflow
