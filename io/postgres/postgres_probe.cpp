#include "io/postgres/postgres_probe.hpp"

#include "io/postgres/connection.hpp"

namespace tickerflow {

struct postgres_probe::implementation {
  lazy_connection connection;
};

postgres_probe::postgres_probe(std::string dsn)
    : implementation_(new implementation{lazy_connection{std::move(dsn)}}) {}

postgres_probe::~postgres_probe() = default;

caf::error postgres_probe::ask() {
  auto done = with_connection(implementation_->connection,
                              [](pqxx::connection& c) -> caf::expected<bool> {
                                pqxx::nontransaction tx{c};
                                tx.exec1("SELECT 1");
                                return true;
                              });
  return done ? caf::error{} : std::move(done.error());
}

} // namespace tickerflow
