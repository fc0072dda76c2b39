#include "io/postgres/flow_view.hpp"

#include "io/postgres/connection.hpp"

namespace tickerflow {

namespace {

bool schema_is_there(pqxx::work& tx) {
  return !tx.exec1("SELECT to_regclass('market.bar') IS NULL")[0].as<bool>();
}

} // namespace

struct flow_view::implementation {
  lazy_connection connection;
};

flow_view::flow_view(std::string dsn)
    : implementation_(std::make_unique<implementation>(
        implementation{lazy_connection{std::move(dsn)}})) {
  // nop
}

flow_view::~flow_view() = default;

caf::expected<flow_counts> flow_view::counts() {
  return with_connection(
      implementation_->connection,
      [](pqxx::connection& open) -> caf::expected<flow_counts> {
        pqxx::work tx{open};
        flow_counts result;
        for (auto row :
             tx.exec("SELECT relname, n_live_tup, n_tup_ins FROM "
                     "pg_stat_user_tables"
                     " WHERE schemaname IN ('market', 'pipeline')")) {
          std::string name = row[0].c_str();
          auto live = row[1].as<std::int64_t>();
          if (name == "bar") {
            result.schema_ready = true;
            result.bars = live;
            result.inserted = row[2].as<std::int64_t>();
          } else if (name == "bar_window") {
            result.windows = live;
          } else if (name == "dead_letter") {
            result.dead_letters = live;
          }
        }
        return result;
      });
}

caf::expected<flow_counts> flow_view::exact_counts() {
  return with_connection(
      implementation_->connection,
      [](pqxx::connection& open) -> caf::expected<flow_counts> {
        pqxx::work tx{open};
        flow_counts result;
        result.schema_ready = schema_is_there(tx);
        if (!result.schema_ready)
          return result;
        auto row = tx.exec1("SELECT (SELECT count(*) FROM market.bar),"
                            " (SELECT count(*) FROM market.bar_window),"
                            " (SELECT count(*) FROM pipeline.dead_letter)");
        result.bars = row[0].as<std::int64_t>();
        result.windows = row[1].as<std::int64_t>();
        result.dead_letters = row[2].as<std::int64_t>();
        return result;
      });
}

caf::expected<newest_bar> flow_view::newest(const std::string& symbol) {
  return with_connection(
      implementation_->connection,
      [&](pqxx::connection& open) -> caf::expected<newest_bar> {
        pqxx::work tx{open};
        newest_bar result;
        result.symbol = symbol;
        if (!schema_is_there(tx))
          return result;
        auto rows = tx.exec_params(
            "SELECT to_char(start AT TIME ZONE 'America/New_York',"
            " 'YYYY-MM-DD HH24:MI'), trim_scale(close) FROM market.bar"
            " WHERE symbol = $1 ORDER BY start DESC LIMIT 1",
            symbol);
        if (!rows.empty()) {
          result.new_york_time = rows[0][0].c_str();
          result.close = rows[0][1].c_str();
        }
        return result;
      });
}

} // namespace tickerflow
