#include "io/postgres/registry.hpp"

#include "io/postgres/connection.hpp"

namespace tickerflow {

namespace {

caf::error check_source(pqxx::work& tx, const pipeline_source& source) {
  auto rows = tx.exec_params("SELECT cluster_id, shards FROM pipeline.source"
                             " WHERE topic = $1",
                             source.topic);
  auto store = [&] {
    tx.exec_params("INSERT INTO pipeline.source (topic, cluster_id, shards)"
                   " VALUES ($1, $2, $3) ON CONFLICT (topic) DO UPDATE SET"
                   " cluster_id = excluded.cluster_id,"
                   " shards = excluded.shards, since = now()",
                   source.topic, source.cluster_id, source.shards);
  };
  if (rows.empty() && !source.reset_offsets) {
    // Offsets of a topic of another name would make its first records skipped.
    auto other = tx.exec("SELECT topic FROM pipeline.source WHERE EXISTS"
                         " (SELECT 1 FROM pipeline.shard WHERE next_offset > 0)"
                         " ORDER BY since DESC LIMIT 1");
    if (!other.empty())
      return failure(errc::bad_setting,
                     "the offsets in this database belong to topic "
                         + other[0][0].as<std::string>() + ", not to "
                         + source.topic
                         + " (check TICKERFLOW_KAFKA_TOPIC_RAW; if the topic "
                           "was replaced, start once with "
                           "TICKERFLOW_RESET_OFFSETS=true: all records are "
                           "read again, stored bars stay)");
    store();
    return caf::none;
  }
  if (source.reset_offsets) {
    // The epoch rises as well: a worker that still reads the old cluster must
    // not store its offsets here.
    tx.exec("UPDATE pipeline.shard SET next_offset = 0, epoch = epoch + 1,"
            " owner = ''");
    tx.exec_params("DELETE FROM pipeline.source WHERE topic <> $1",
                   source.topic);
    store();
    return caf::none;
  }
  auto cluster_id = rows[0][0].as<std::string>();
  auto shards = rows[0][1].as<std::int32_t>();
  if (cluster_id == source.cluster_id && shards == source.shards)
    return caf::none;
  if (cluster_id != source.cluster_id)
    return failure(
        errc::bad_setting,
        "the offsets in this database belong to Kafka cluster " + cluster_id
            + ", but " + source.topic + " is read from cluster "
            + source.cluster_id
            + " (check TICKERFLOW_KAFKA; if the cluster was replaced, "
              "start once with TICKERFLOW_RESET_OFFSETS=true: all "
              "records are read again, stored bars stay)");
  return failure(
      errc::bad_setting,
      "topic " + source.topic + " had " + std::to_string(shards)
          + " partitions and now has " + std::to_string(source.shards)
          + ": tickers have moved between partitions (start once with "
            "TICKERFLOW_RESET_OFFSETS=true: all records are read "
            "again, stored bars stay)");
}

caf::error register_ticker(pqxx::work& tx, const ticker_spec& x) {
  auto rows = tx.exec_params(
      "INSERT INTO pipeline.ticker (symbol, interval_s) VALUES ($1, $2)"
      " ON CONFLICT (symbol) DO UPDATE SET active = true"
      " RETURNING interval_s",
      x.symbol, x.interval_s);
  auto stored = rows[0][0].as<std::int32_t>();
  if (stored == x.interval_s)
    return caf::none;
  return failure(
      errc::bad_setting,
      x.symbol + " is stored in bars of " + std::to_string(stored / 60)
          + "min; bars of " + std::to_string(x.interval_s / 60)
          + "min cannot be mixed with them (set TICKERFLOW_INTERVAL="
          + std::to_string(stored / 60) + "min, or use another database)");
}

caf::expected<pipeline_start>
prepare_in(pqxx::connection& connection, const pipeline_source& source,
           const std::vector<ticker_spec>& tickers) {
  pqxx::work tx{connection};
  tx.exec_params("INSERT INTO pipeline.shard (shard)"
                 " SELECT generate_series(0, $1::integer - 1)"
                 " ON CONFLICT DO NOTHING",
                 source.shards);
  if (auto error = check_source(tx, source))
    return error;
  for (auto& x : tickers)
    if (auto error = register_ticker(tx, x))
      return error;
  pipeline_start result;
  result.shards.resize(static_cast<size_t>(source.shards));
  for (auto row : tx.exec_params("SELECT shard, epoch, owner"
                                 " FROM pipeline.shard WHERE shard < $1",
                                 source.shards))
    result.shards[row[0].as<size_t>()] = {row[1].as<std::int64_t>(),
                                          row[2].as<std::string>()};
  for (auto row : tx.exec("SELECT symbol FROM pipeline.ticker WHERE paused"
                          " ORDER BY symbol"))
    result.paused.push_back(row[0].as<std::string>());
  tx.commit();
  return result;
}

} // namespace

caf::expected<pipeline_start>
prepare_pipeline(const std::string& dsn, const pipeline_source& source,
                 const std::vector<ticker_spec>& tickers) {
  lazy_connection connection{dsn};
  return with_connection(connection, [&](auto& open) {
    return prepare_in(open, source, tickers);
  });
}

} // namespace tickerflow
