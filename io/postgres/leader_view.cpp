#include "io/postgres/leader_view.hpp"

#include "io/postgres/reading.hpp"

namespace tickerflow {

struct leader_view::implementation {
  lazy_connection connection;
};

leader_view::leader_view(std::string dsn)
    : implementation_(std::make_unique<implementation>(
        implementation{lazy_connection{std::move(dsn), reading_limit}})) {}

leader_view::~leader_view() = default;

caf::expected<std::string> leader_view::console() {
  return read_only(
      implementation_->connection,
      [](pqxx::read_transaction& tx) -> caf::expected<std::string> {
        auto rows = tx.exec("SELECT m.console FROM pipeline.master m"
                            " JOIN pipeline.leader l"
                            " ON l.node = m.node AND l.address = m.address"
                            " WHERE l.renewed_at > now() - interval '10 s'");
        return rows.empty() ? std::string{} : rows[0][0].as<std::string>();
      });
}

} // namespace tickerflow
