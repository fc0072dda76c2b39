#include "io/postgres/paused_tickers.hpp"

#include "io/postgres/connection.hpp"

namespace tickerflow {

namespace {

/// An operator waits for the answer.
constexpr std::chrono::milliseconds answer_within{3000};

} // namespace

struct paused_tickers::implementation {
  lazy_connection connection;
  std::int64_t term;
};

paused_tickers::paused_tickers(std::string dsn, std::int64_t term)
    : implementation_(std::make_unique<implementation>(
        implementation{lazy_connection{std::move(dsn), answer_within}, term})) {
  // nop
}

paused_tickers::~paused_tickers() = default;

caf::expected<bool> paused_tickers::set(const std::string& symbol,
                                        bool paused) {
  auto& x = *implementation_;
  return with_connection(
      x.connection, [&](pqxx::connection& open) -> caf::expected<bool> {
        pqxx::work tx{open};
        // The new leader has read the column already, and would not know.
        auto leads = tx.exec_params("SELECT FROM pipeline.leader"
                                    " WHERE term = $1 FOR SHARE",
                                    x.term);
        if (leads.empty())
          return failure(errc::fenced, "another master leads by now");
        auto rows = tx.exec_params("UPDATE pipeline.ticker SET paused = $2"
                                   " WHERE symbol = $1 RETURNING paused",
                                   symbol, paused);
        if (rows.empty())
          return failure(errc::bad_request,
                         "no ticker " + symbol + " is stored here");
        tx.commit();
        return rows[0][0].as<bool>();
      });
}

} // namespace tickerflow
