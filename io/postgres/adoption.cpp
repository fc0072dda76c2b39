#include "io/postgres/adoption.hpp"

#include "io/postgres/connection.hpp"

namespace tickerflow {

namespace {

// "tickera1" as a number.
constexpr const char* take_lock =
    "SELECT pg_try_advisory_xact_lock(8388345093868904753)";

bool has_tables(pqxx::work& tx) {
  return tx
      .exec1("SELECT to_regclass('market.bar') IS NOT NULL"
             " AND to_regclass('pipeline.shard') IS NOT NULL")[0]
      .as<bool>();
}

/// Tells these connections from those of nodes.
void name_connection(pqxx::connection& x) {
  x.set_variable("application_name", "'tickerflow migrate-legacy'");
}

adoption_facts look_in(pqxx::connection& connection, const std::string& topic) {
  name_connection(connection);
  pqxx::work tx{connection};
  adoption_facts result;
  // The name is seen whoever's connection it is; the rest only of one's own.
  for (auto row : tx.exec(
           "SELECT pid, coalesce(host(client_addr), 'local'),"
           " coalesce(to_char(backend_start, 'YYYY-MM-DD HH24:MI:SS'), '?')"
           " FROM pg_stat_activity WHERE datname = current_database()"
           " AND application_name = 'tickerflow' AND pid <> pg_backend_pid()"
           " ORDER BY pid"))
    result.others.push_back("pid " + row[0].as<std::string>() + " from "
                            + row[1].c_str() + " since " + row[2].c_str()
                            + " UTC");
  result.schema_ready = has_tables(tx);
  if (!result.schema_ready)
    return result;
  for (auto row : tx.exec_params("SELECT shards FROM pipeline.source WHERE"
                                 " topic = $1",
                                 topic))
    result.shards = row[0].as<std::int32_t>();
  for (auto row : tx.exec("SELECT symbol, interval_s FROM pipeline.ticker"))
    result.intervals[row[0].c_str()] = row[1].as<std::int32_t>();
  return result;
}

} // namespace

struct adoption::implementation {
  lazy_connection connection;
  lazy_connection lock_connection;
  std::unique_ptr<pqxx::work> lock;
};

adoption::adoption(std::string dsn)
    : implementation_(std::make_unique<implementation>(
        implementation{lazy_connection{dsn}, lazy_connection{dsn}, nullptr})) {
  // nop
}

adoption::~adoption() = default;

caf::expected<adoption_facts> adoption::look(const std::string& topic) {
  return with_connection(
      implementation_->connection,
      [&](pqxx::connection& open) -> caf::expected<adoption_facts> {
        return look_in(open, topic);
      });
}

caf::error adoption::hold(std::int32_t shards) {
  auto& x = *implementation_;
  auto done = with_connection(
      x.lock_connection, [&](pqxx::connection& open) -> caf::expected<bool> {
        name_connection(open);
        x.lock = std::make_unique<pqxx::work>(open);
        x.lock->exec("SET LOCAL idle_in_transaction_session_timeout = 0");
        if (!x.lock->exec1(take_lock)[0].as<bool>())
          return failure(errc::bad_setting,
                         "another migrate-legacy works on this database (wait "
                         "for its end)");
        // A master that starts anew would write here before it gives out
        // shards: it waits. One that finds its row just reads it, and then
        // each symbol's shard is the one that we know.
        x.lock->exec("LOCK TABLE pipeline.source IN SHARE MODE");
        return true;
      });
  if (!done)
    return done.error();
  done = with_connection(
      x.connection, [&](pqxx::connection& open) -> caf::expected<bool> {
        name_connection(open);
        pqxx::work tx{open};
        tx.exec_params("INSERT INTO pipeline.shard (shard)"
                       " SELECT generate_series(0, $1::integer - 1)"
                       " ON CONFLICT DO NOTHING",
                       shards);
        tx.commit();
        return true;
      });
  return done ? caf::error{} : done.error();
}

caf::error adoption::add_tickers(const std::vector<ticker_spec>& tickers) {
  auto done = with_connection(
      implementation_->connection,
      [&](pqxx::connection& open) -> caf::expected<bool> {
        pqxx::work tx{open};
        // Not active: whether they are served now is the master's to say.
        for (auto& x : tickers)
          tx.exec_params("INSERT INTO pipeline.ticker (symbol, interval_s,"
                         " active) VALUES ($1, $2, false)"
                         " ON CONFLICT DO NOTHING",
                         x.symbol, x.interval_s);
        tx.commit();
        return true;
      });
  return done ? caf::error{} : done.error();
}

caf::expected<shard_claim> adoption::next_claim(std::int32_t shard) {
  return with_connection(
      implementation_->connection,
      [&](pqxx::connection& open) -> caf::expected<shard_claim> {
        pqxx::work tx{open};
        auto row = tx.exec_params1(
            "SELECT epoch + 1, coalesce((SELECT term FROM pipeline.leader), 0)"
            " FROM pipeline.shard WHERE shard = $1",
            shard);
        shard_claim result;
        result.shard = shard;
        result.epoch = row[0].as<std::int64_t>();
        result.term = row[1].as<std::int64_t>();
        return result;
      });
}

caf::error adoption::release(std::int32_t shard, std::int64_t epoch) {
  auto done = with_connection(
      implementation_->connection,
      [&](pqxx::connection& open) -> caf::expected<bool> {
        pqxx::work tx{open};
        tx.exec_params("UPDATE pipeline.shard SET owner = '' WHERE shard = $1"
                       " AND epoch = $2",
                       shard, epoch);
        tx.commit();
        return true;
      });
  return done ? caf::error{} : done.error();
}

} // namespace tickerflow
