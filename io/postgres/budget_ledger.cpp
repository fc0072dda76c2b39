#include "io/postgres/budget_ledger.hpp"

#include "io/postgres/checksum.hpp"
#include "io/postgres/connection.hpp"

namespace tickerflow {

namespace {

class postgres_ledger : public budget_ledger {
public:
  postgres_ledger(std::string dsn, const std::string& key)
      : connection_(std::move(dsn)), fingerprint_(sha256(key).substr(0, 16)) {
    // nop
  }

  caf::expected<budget_row> load() override {
    return with_connection(
        connection_,
        [this](pqxx::connection& open) -> caf::expected<budget_row> {
          pqxx::work tx{open};
          auto rows = tx.exec_params(
              "SELECT day, used, (extract(epoch FROM next_slot_at) * "
              "1000)::bigint"
              " FROM pipeline.api_budget WHERE key_fingerprint = $1",
              fingerprint_);
          budget_row result;
          if (!rows.empty()) {
            result.day = rows[0][0].as<std::string>();
            result.used = rows[0][1].as<std::int64_t>();
            result.next_slot_ms = rows[0][2].as<std::int64_t>();
          }
          return result;
        });
  }

  caf::error save(const budget_row& x) override {
    auto done = with_connection(
        connection_, [&](pqxx::connection& open) -> caf::expected<bool> {
          pqxx::work tx{open};
          tx.exec_params(
              "INSERT INTO pipeline.api_budget"
              " (key_fingerprint, day, used, next_slot_at)"
              " VALUES ($1, $2, $3, to_timestamp($4 / 1000.0))"
              " ON CONFLICT (key_fingerprint) DO UPDATE SET day = excluded.day,"
              " used = excluded.used, next_slot_at = excluded.next_slot_at",
              fingerprint_, x.day, x.used, x.next_slot_ms);
          tx.commit();
          return true;
        });
    return done ? caf::error{} : done.error();
  }

private:
  lazy_connection connection_;
  std::string fingerprint_;
};

} // namespace

std::unique_ptr<budget_ledger> make_postgres_ledger(std::string dsn,
                                                    const std::string& key) {
  return std::make_unique<postgres_ledger>(std::move(dsn), key);
}

} // namespace tickerflow
