#include "io/postgres/postgres_ledger.hpp"

#include "io/postgres/connection.hpp"

namespace tickerflow {

namespace {

// The fetchers ask again after 5 s and more: no heap of them must wait here.
constexpr std::chrono::seconds answer_within{10};

// Milliseconds since 1970 in SQL and back: no text form of time in between.
constexpr auto select_row =
    "SELECT day - date '1970-01-01', used,"
    " (extract(epoch FROM next_slot_at) * 1000)::bigint"
    " FROM pipeline.api_budget WHERE key_fingerprint = $1";

std::int64_t milliseconds_of(budget_time x) {
  return x.time_since_epoch().count();
}

std::int64_t days_of(date::sys_days x) { return x.time_since_epoch().count(); }

budget_row row_in(const pqxx::result& rows) {
  budget_row result;
  if (rows.empty())
    return result;
  result.day = date::sys_days{date::days{rows[0][0].as<int>()}};
  result.used = rows[0][1].as<std::int64_t>();
  result.next_slot_at =
      budget_time{std::chrono::milliseconds{rows[0][2].as<std::int64_t>()}};
  return result;
}

class postgres_ledger : public budget_ledger {
public:
  explicit postgres_ledger(std::string dsn)
      : connection_(std::move(dsn), answer_within) {
    // nop
  }

  caf::expected<budget_row> load(const std::string& key) override {
    return with_connection(
        connection_, [&](pqxx::connection& open) -> caf::expected<budget_row> {
          pqxx::work tx{open};
          return row_in(tx.exec_params(select_row, key));
        });
  }

  caf::error save(const std::string& key, const budget_row& seen,
                  const budget_row& next) override {
    auto done = with_connection(
        connection_, [&](pqxx::connection& open) -> caf::expected<bool> {
          pqxx::work tx{open};
          // The row lock orders two masters; the second sees what the first
          // wrote and is turned away.
          tx.exec_params("INSERT INTO pipeline.api_budget"
                         " (key_fingerprint, day, used, next_slot_at)"
                         " VALUES ($1, date '1970-01-01', 0, 'epoch')"
                         " ON CONFLICT DO NOTHING",
                         key);
          auto found = row_in(
              tx.exec_params(std::string{select_row} + " FOR UPDATE", key));
          if (found != seen)
            return failure(errc::stale_state,
                           "the call budget was changed by another process: "
                           "load it again");
          tx.exec_params("UPDATE pipeline.api_budget SET"
                         " day = date '1970-01-01' + $2::integer, used = $3,"
                         " next_slot_at = to_timestamp($4 / 1000.0)"
                         " WHERE key_fingerprint = $1",
                         key, days_of(next.day), next.used,
                         milliseconds_of(next.next_slot_at));
          tx.commit();
          return true;
        });
    return done ? caf::error{} : done.error();
  }

private:
  lazy_connection connection_;
};

} // namespace

std::shared_ptr<budget_ledger> make_postgres_ledger(std::string dsn) {
  return std::make_shared<postgres_ledger>(std::move(dsn));
}

} // namespace tickerflow
