#include "io/doctor/doctor.hpp"
#include "io/log/redact.hpp"
#include "io/settings/dsn.hpp"

#include <pqxx/pqxx>

#include <cctype>
#include <chrono>

namespace tickerflow {

namespace {

/// Why a connection was refused: libpq has only texts for it, in the server's
/// language, so what is not recognised still gets a fix.
std::string fix_of(const std::string& what) {
  auto says = [&](std::string_view part) {
    return what.find(part) != std::string::npos;
  };
  if (says("password authentication failed"))
    return "compare POSTGRES_USER and POSTGRES_PASSWORD with the server's; a "
           "Compose volume keeps the password of its first start: ALTER ROLE "
           "... PASSWORD, or remove the volume";
  if (says("no password supplied"))
    return "set POSTGRES_PASSWORD (or POSTGRES_PASSWORD_FILE) in .env or the "
           "environment";
  if (says("role") && says("does not exist"))
    return "set POSTGRES_USER to a role of the server, or CREATE ROLE";
  if (says("database") && says("does not exist"))
    return "createdb it, or set POSTGRES_DB to a database that exists";
  if (says("pg_hba.conf"))
    return "allow this address, user and database in the server's pg_hba.conf, "
           "or use TLS (sslmode=require in TICKERFLOW_POSTGRES)";
  if (says("too many clients") || says("remaining connection slots"))
    return "raise max_connections, or close other clients";
  if (says("starting up") || says("shutting down"))
    return "wait until the server has started";
  if (says("SSL") || says("certificate"))
    return "check sslmode and sslrootcert in TICKERFLOW_POSTGRES";
  if (says("could not translate host name"))
    return "correct POSTGRES_HOST: the name is not known here (inside Compose "
           "it is \"postgres\", on the host \"localhost\")";
  return "start PostgreSQL (docker compose up -d postgres), or set "
         "POSTGRES_HOST and POSTGRES_PORT to where it is";
}

std::string one_line(std::string text) {
  text.erase(text.find_last_not_of(" \t\n") + 1);
  std::string result;
  for (auto c : text)
    if (c == '\n')
      result += "; ";
    else if (c != '\t')
      result += c;
  return redact(result);
}

/// The questions, one transaction for all.
class examination {
public:
  examination(pqxx::connection& open, int schema_version, group_report& report)
      : tx_(open), schema_version_(schema_version), report_(report) {}

  void run() {
    tx_.exec("SET LOCAL statement_timeout = '3s'");
    check_clock();
    check_writable();
    check_encoding();
    check_zone();
    if (!check_schema())
      check_rights();
    check_durability();
  }

private:
  std::string value(const std::string& query) {
    auto row = tx_.exec1(query);
    return row[0].is_null() ? std::string{} : row[0].c_str();
  }

  bool yes(const std::string& query) { return value(query) == "t"; }

  static std::int64_t now_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch())
        .count();
  }

  void check_clock() {
    auto before = now_ms();
    auto theirs = std::stoll(
        value("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"));
    auto after = now_ms();
    report_clock(report_, "the server", (before + after) / 2 - theirs,
                 (after - before) / 2 + 1);
  }

  void check_writable() {
    if (yes("SELECT pg_is_in_recovery()"))
      report_.fail("writable", "the server is a standby: it only reads",
                   "connect to the primary; in a DSN with several hosts add "
                   "target_session_attrs=read-write");
    else if (value("SHOW default_transaction_read_only") == "on")
      report_.fail("writable", "default_transaction_read_only is on",
                   "ALTER ROLE or ALTER DATABASE ... RESET "
                   "default_transaction_read_only");
    else
      report_.ok("writable", "yes");
  }

  void check_encoding() {
    auto encoding = value("SHOW server_encoding");
    if (encoding == "UTF8")
      report_.ok("encoding", encoding);
    else
      report_.fail("encoding",
                   "is " + encoding
                       + ": texts of dead letters may not be storable",
                   "make the database anew: CREATE DATABASE ... ENCODING "
                   "'UTF8' TEMPLATE template0");
  }

  void check_zone() {
    auto zone = value("SHOW timezone");
    if (yes("SELECT EXISTS (SELECT FROM pg_timezone_names"
            " WHERE name = 'America/New_York')"))
      report_.ok("time zone", zone
                                  + " (instants are stored: any zone will do); "
                                    "America/New_York is known");
    else
      report_.fail("time zone",
                   "the server does not know America/New_York, which the "
                   "views use",
                   "install tzdata on the server");
  }

  /// @returns whether our tables are there
  bool check_schema() {
    // By the catalogue: to_regclass is an error without rights to the schema.
    const std::string table =
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'tickerflow' AND c.relname = 'migration'";
    if (!yes("SELECT EXISTS (SELECT" + table + ")")) {
      report_.ok("schema", "not there yet; the first start makes it");
      check_old_table();
      return false;
    }
    if (!yes("SELECT has_schema_privilege(n.oid, 'USAGE')"
             " AND has_table_privilege(c.oid, 'SELECT')"
             + table)) {
      report_.fail("schema", "this role may not read tickerflow.migration",
                   "connect as the role that made the schema, or GRANT its "
                   "rights");
      return true;
    }
    auto version = std::stoi(
        value("SELECT coalesce(max(version), 0) FROM tickerflow.migration"));
    auto text = "version " + std::to_string(version);
    if (schema_version_ > 0 && version > schema_version_)
      report_.fail("schema",
                   text + ", but this program knows "
                       + std::to_string(schema_version_),
                   "a newer Tickerflow has used the database: upgrade this "
                   "program, or use another database");
    else if (version < schema_version_)
      report_.ok("schema", text + "; the next start brings it to "
                               + std::to_string(schema_version_));
    else
      report_.ok("schema", text);
    check_table_rights();
    return true;
  }

  void check_table_rights() {
    auto missing = value(
        "SELECT string_agg(n.nspname || '.' || c.relname, ', ')"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname IN ('market', 'pipeline') AND c.relkind IN ('r', 'p')"
        " AND NOT (has_schema_privilege(n.oid, 'USAGE')"
        " AND has_table_privilege(c.oid, 'SELECT')"
        " AND has_table_privilege(c.oid, 'INSERT')"
        " AND has_table_privilege(c.oid, 'UPDATE'))");
    if (missing.empty())
      report_.ok("rights", "may read and write our tables");
    else
      report_.fail("rights", "this role may not write " + missing,
                   "connect as the role that made the schema, or GRANT SELECT, "
                   "INSERT, UPDATE ON ALL TABLES IN SCHEMA market, pipeline");
  }

  /// The earlier pipeline's table has the name of our view.
  void check_old_table() {
    if (yes("SELECT EXISTS (SELECT FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relname = 'stocks')"))
      report_.fail("public.stocks",
                   "is there already (the earlier pipeline's table?), so our "
                   "view of that name cannot be made",
                   "ALTER TABLE public.stocks RENAME TO stocks_before");
  }

  void check_rights() {
    auto database = value("SELECT quote_ident(current_database())");
    auto role = value("SELECT quote_ident(current_user)");
    auto creates = yes("SELECT has_database_privilege(current_database(), "
                       "'CREATE')");
    auto views = yes("SELECT has_schema_privilege('public', 'CREATE')");
    if (!creates)
      report_.fail("rights", "role " + role + " may not create schemas",
                   "as a superuser: GRANT CREATE ON DATABASE " + database
                       + " TO " + role);
    if (!views)
      report_.fail("rights",
                   "role " + role + " may not create the view public.stocks",
                   "as a superuser: GRANT CREATE ON SCHEMA public TO " + role);
    if (creates && views)
      report_.ok("rights", "role " + role + " may create schemas and views");
  }

  void check_durability() {
    if (value("SHOW fsync") == "off")
      report_.warn("durability",
                   "fsync is off: a crash of the server's machine can lose or "
                   "break all data",
                   "set fsync = on in postgresql.conf");
    else if (value("SHOW synchronous_commit") == "off")
      report_.warn("durability",
                   "synchronous_commit is off: a crash can lose the last "
                   "batches, which Kafka then has to serve again",
                   "set synchronous_commit = on");
    else
      report_.ok("durability", "fsync and synchronous_commit are on");
  }

  pqxx::read_transaction tx_;
  int schema_version_;
  group_report& report_;
};

} // namespace

findings check_postgres(const settings& x, int schema_version) {
  group_report report{"PostgreSQL"};
  auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(doctor_patience).count();
  auto dsn = with_parameter(x.postgres.dsn, "connect_timeout",
                            std::to_string(seconds));
  dsn = with_parameter(dsn, "application_name", "tickerflow-doctor");
  auto connected = false;
  try {
    pqxx::connection open{dsn};
    connected = true;
    report.ok("connection", mask_dsn(x.postgres.dsn));
    auto version = open.server_version();
    auto text =
        std::to_string(version / 10000) + '.' + std::to_string(version % 10000);
    if (version < 130000) {
      report.fail("version", text + " is too old",
                  "use PostgreSQL 13 or later");
      return report.take();
    }
    report.ok("version", text);
    examination{open, schema_version, report}.run();
  } catch (const std::exception& fault) {
    auto text = one_line(fault.what());
    if (connected)
      report.fail("questions", text,
                  "look into the server's log; the connection itself works");
    else
      report.fail("connection", text, fix_of(fault.what()));
  }
  return report.take();
}

} // namespace tickerflow
