#include "io/postgres/dead_letter_view.hpp"

#include "io/postgres/reading.hpp"

namespace tickerflow {

namespace {

constexpr const char* columns =
    "SELECT (extract(epoch FROM stored_at) * 1000000)::bigint, topic, shard,"
    " record_offset, reason, detail, record_key, octet_length(payload)";

std::string bytes_of(const pqxx::field& x) {
  auto bytes = pqxx::binarystring{x};
  return bytes.str();
}

dead_letter_row row_of(const pqxx::row& x) {
  dead_letter_row result;
  result.place.stored_us = x[0].as<std::int64_t>();
  result.place.topic = x[1].c_str();
  result.place.shard = x[2].as<std::int32_t>();
  result.place.offset = x[3].as<std::int64_t>();
  result.reason = x[4].c_str();
  result.detail = x[5].c_str();
  result.key = bytes_of(x[6]);
  result.size_bytes = x[7].as<std::int64_t>();
  return result;
}

/// The condition of a search; all texts in it are quoted.
std::string condition(pqxx::read_transaction& tx, const dead_letter_search& x) {
  std::string result = " WHERE true";
  if (!x.reason.empty())
    result += " AND reason = " + tx.quote(x.reason);
  if (x.shard)
    result += " AND shard = " + std::to_string(*x.shard);
  if (x.from_s)
    result +=
        " AND stored_at >= to_timestamp(" + std::to_string(*x.from_s) + ')';
  if (x.to_s)
    result += " AND stored_at < to_timestamp(" + std::to_string(*x.to_s) + ')';
  if (!x.text.empty()) {
    auto text = tx.quote(x.text);
    auto bytes = "convert_to(" + text + ", 'UTF8')";
    result += " AND (strpos(lower(detail), lower(" + text
              + ")) > 0 OR position(" + bytes
              + " IN record_key) > 0 OR position(" + bytes
              + " IN payload) > 0)";
  }
  if (x.after) {
    auto& p = *x.after;
    // By microseconds, not to_timestamp of a fraction, which rounds.
    result += " AND (stored_at, topic, shard, record_offset) < ('epoch'::"
              "timestamptz + "
              + std::to_string(p.stored_us) + " * interval '1 microsecond', "
              + tx.quote(p.topic) + ", " + std::to_string(p.shard) + ", "
              + std::to_string(p.offset) + ')';
  }
  return result;
}

} // namespace

struct dead_letter_view::implementation {
  lazy_connection connection;
};

dead_letter_view::dead_letter_view(std::string dsn)
    : implementation_(std::make_unique<implementation>(
        implementation{lazy_connection{std::move(dsn), reading_limit}})) {}

dead_letter_view::~dead_letter_view() = default;

caf::expected<std::vector<dead_letter_row>>
dead_letter_view::search(const dead_letter_search& x) {
  return read_only(
      implementation_->connection,
      [&](pqxx::read_transaction& tx)
          -> caf::expected<std::vector<dead_letter_row>> {
        std::vector<dead_letter_row> result;
        for (auto row :
             tx.exec(columns + std::string{" FROM pipeline.dead_letter"}
                     + condition(tx, x)
                     + " ORDER BY stored_at DESC, topic DESC, shard DESC,"
                       " record_offset DESC LIMIT "
                     + std::to_string(x.limit + 1)))
          result.push_back(row_of(row));
        return result;
      });
}

caf::expected<std::map<std::string, std::int64_t>> dead_letter_view::reasons() {
  using result_type = std::map<std::string, std::int64_t>;
  return read_only(
      implementation_->connection,
      [&](pqxx::read_transaction& tx) -> caf::expected<result_type> {
        result_type result;
        for (auto row : tx.exec("SELECT reason, count(*)"
                                " FROM pipeline.dead_letter GROUP BY 1"))
          result[row[0].c_str()] = row[1].as<std::int64_t>();
        return result;
      });
}

caf::expected<std::optional<std::pair<dead_letter_row, std::string>>>
dead_letter_view::find(const std::string& topic, std::int32_t shard,
                       std::int64_t offset) {
  using result_type = std::optional<std::pair<dead_letter_row, std::string>>;
  return read_only(
      implementation_->connection,
      [&](pqxx::read_transaction& tx) -> caf::expected<result_type> {
        auto rows = tx.exec_params(
            columns
                + std::string{", payload FROM pipeline.dead_letter"
                              " WHERE topic = $1 AND shard = $2"
                              " AND record_offset = $3"},
            topic, shard, offset);
        if (rows.empty())
          return result_type{};
        return result_type{{row_of(rows[0]), bytes_of(rows[0][8])}};
      });
}

} // namespace tickerflow
