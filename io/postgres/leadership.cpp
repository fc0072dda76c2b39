#include "io/postgres/leadership.hpp"

#include "io/postgres/connection.hpp"

#include <algorithm>

namespace tickerflow {

namespace {

// "tickerf2" as a number, in two halves as pg_locks shows it: only masters of
// this program take this lock. The database is part of a lock's identity.
constexpr const char* try_lock =
    "SELECT pg_try_advisory_lock(8388353540797572658)";
constexpr const char* holds_lock =
    "locktype = 'advisory' AND granted AND objsubid = 1"
    " AND database = (SELECT oid FROM pg_database"
    "                 WHERE datname = current_database())"
    " AND (classid::bigint << 32 | objid::bigint) = 8388353540797572658";

// A row that was not renewed for so long is of a process that has ended.
constexpr const char* forget_masters =
    "DELETE FROM pipeline.master WHERE seen_at < now() - interval '1 minute'";

} // namespace

struct leadership::implementation {
  lazy_connection connection;
  candidate self;
  std::int64_t term = 0;
  std::vector<master_status> masters;
  int locked_in = 0; // the connection's generation that has the lock

  void sign_in(pqxx::work& tx) {
    tx.exec_params("INSERT INTO pipeline.master (node, address, console)"
                   " VALUES ($1, $2, $3) ON CONFLICT (node) DO UPDATE SET"
                   " address = excluded.address, console = excluded.console,"
                   " seen_at = now()",
                   self.node, self.address, self.console);
  }

  void read_masters(pqxx::work& tx) {
    tx.exec(forget_masters);
    masters.clear();
    for (auto row : tx.exec_params(
             "SELECT m.node, m.address, l.node IS NOT NULL,"
             " (extract(epoch FROM now() - m.seen_at) * 1000)::bigint"
             " FROM pipeline.master m LEFT JOIN pipeline.leader l"
             " ON l.node = m.node AND l.address = m.address"
             " AND l.renewed_at > now() - $1 * interval '1 millisecond'"
             " ORDER BY 1",
             self.hung_after.count())) {
      master_status x;
      x.name = row[0].as<std::string>();
      x.address = row[1].as<std::string>();
      x.leading = row[2].as<bool>();
      x.seen_ms = row[3].as<std::int64_t>();
      masters.push_back(std::move(x));
    }
  }

  bool take_lock(pqxx::connection& open) {
    if (locked_in == connection.generation())
      return true;
    pqxx::work tx{open};
    if (!tx.exec1(try_lock)[0].as<bool>())
      return false;
    locked_in = connection.generation();
    return true;
  }

  /// The lock is ours: from this commit on claims of older terms are fenced.
  void begin_term(pqxx::connection& open) {
    pqxx::work tx{open};
    sign_in(tx);
    term = tx.exec_params1(
                 "INSERT INTO pipeline.leader (term, node, address, backend)"
                 " VALUES (nextval('pipeline.term'), $1, $2, pg_backend_pid())"
                 " ON CONFLICT (one) DO UPDATE SET term = excluded.term,"
                 " node = excluded.node, address = excluded.address,"
                 " backend = excluded.backend, renewed_at = now()"
                 " RETURNING term",
                 self.node, self.address)[0]
               .as<std::int64_t>();
    read_masters(tx);
    tx.commit();
  }

  /// Ends the session of a leader that does not renew. Only a session that
  /// holds the very lock: a process number may be another's by now.
  void end_hung_leader(pqxx::connection& open) {
    pqxx::work tx{open};
    sign_in(tx);
    read_masters(tx);
    tx.commit();
    pqxx::work end{open};
    end.exec_params("SELECT pg_terminate_backend(pid) FROM pg_locks"
                    " WHERE "
                        + std::string{holds_lock}
                        + " AND NOT EXISTS (SELECT 1 FROM pipeline.leader"
                          " WHERE renewed_at >= now()"
                          " - $1 * interval '1 millisecond')",
                    self.hung_after.count());
    end.commit();
  }

  bool still_ours(pqxx::connection& open) {
    pqxx::work tx{open};
    auto rows = tx.exec_params(
        "UPDATE pipeline.leader SET renewed_at = now(),"
        " backend = pg_backend_pid() WHERE term = $1 RETURNING term",
        term);
    if (rows.empty())
      return false;
    sign_in(tx);
    read_masters(tx);
    tx.commit();
    return true;
  }
};

leadership::leadership(std::string dsn, candidate self)
    : implementation_(std::make_unique<implementation>(implementation{
        lazy_connection{std::move(dsn)}, std::move(self), 0, {}, 0})) {
  // nop
}

leadership::~leadership() = default;

caf::expected<bool> leadership::campaign() {
  auto& x = *implementation_;
  return with_connection(x.connection,
                         [&](pqxx::connection& open) -> caf::expected<bool> {
                           if (x.take_lock(open)) {
                             x.begin_term(open);
                             return true;
                           }
                           x.end_hung_leader(open);
                           return false;
                         });
}

caf::expected<bool> leadership::observe() {
  auto& x = *implementation_;
  return with_connection(
      x.connection, [&](pqxx::connection& open) -> caf::expected<bool> {
        pqxx::work tx{open};
        x.sign_in(tx);
        x.read_masters(tx);
        tx.commit();
        return std::any_of(x.masters.begin(), x.masters.end(),
                           [](auto& m) { return m.leading; });
      });
}

caf::expected<bool> leadership::renew() {
  auto& x = *implementation_;
  return with_connection(x.connection,
                         [&](pqxx::connection& open) -> caf::expected<bool> {
                           if (x.take_lock(open) && x.still_ours(open))
                             return true;
                           // Another led in between: its term is newer.
                           x.connection.drop();
                           return false;
                         });
}

void leadership::resign() { implementation_->connection.drop(); }

std::int64_t leadership::term() const { return implementation_->term; }

const std::vector<master_status>& leadership::masters() const {
  return implementation_->masters;
}

} // namespace tickerflow
