#include "io/postgres/shard_store.hpp"

#include "io/postgres/connection.hpp"
#include "io/postgres/load_days.hpp"
#include "io/postgres/write_rows.hpp"

#include <random>
#include <unistd.h>

namespace tickerflow {

namespace {

caf::error fenced(std::int32_t shard, std::int64_t ours, std::int64_t stored) {
  return caf::make_error(errc::fenced,
                         "shard " + std::to_string(shard) + " has epoch "
                             + std::to_string(stored)
                             + " in the database, ours is "
                             + std::to_string(ours) + ": another node owns it",
                         stored);
}

caf::error old_term(const shard_claim& x) {
  return caf::make_error(
      errc::fenced,
      "shard " + std::to_string(x.shard) + " was assigned by a master of term "
          + std::to_string(x.term) + ", but a newer one leads",
      std::int64_t{0});
}

struct shard_row {
  std::int64_t epoch = 0;
  std::int64_t next_offset = 0;
};

caf::expected<shard_row> read_row(pqxx::work& tx, std::int32_t shard) {
  auto rows = tx.exec_params(
      "SELECT epoch, next_offset FROM pipeline.shard WHERE shard = $1", shard);
  if (rows.empty())
    return failure(errc::bad_setting,
                   "shard " + std::to_string(shard)
                       + " is not in pipeline.shard (the master adds it at "
                         "start)");
  return shard_row{rows[0][0].as<std::int64_t>(),
                   rows[0][1].as<std::int64_t>()};
}

std::vector<record_failure> read_failures(pqxx::work& tx, std::int32_t shard) {
  std::vector<record_failure> result;
  for (auto row : tx.exec_params("SELECT record_offset, failures, reason"
                                 " FROM pipeline.record_failure"
                                 " WHERE shard = $1 ORDER BY 1",
                                 shard)) {
    record_failure x;
    x.shard = shard;
    x.offset = row[0].as<std::int64_t>();
    x.failures = row[1].as<std::int32_t>();
    x.reason = row[2].as<std::string>();
    result.push_back(std::move(x));
  }
  return result;
}

caf::expected<std::int32_t> note_failure_in(pqxx::connection& connection,
                                            const record_failure& x) {
  pqxx::work tx{connection};
  auto rows = tx.exec_params(
      "INSERT INTO pipeline.record_failure AS f"
      " (shard, record_offset, failures, reason)"
      " SELECT shard, $3, 1, $4 FROM pipeline.shard"
      " WHERE shard = $1 AND epoch = $2"
      " ON CONFLICT (shard, record_offset) DO UPDATE SET"
      " failures = f.failures + 1, reason = excluded.reason, failed_at = now()"
      " RETURNING failures",
      x.shard, x.epoch, x.offset, x.reason);
  if (rows.empty()) {
    auto row = read_row(tx, x.shard);
    if (!row)
      return row.error();
    return fenced(x.shard, x.epoch, row->epoch);
  }
  tx.commit();
  return rows[0][0].as<std::int32_t>();
}

/// Tells this process from every other, also from one of the same name: two
/// masters in turn may give one epoch to two processes of one name.
const std::string& process_token() {
  static const auto token = [] {
    std::random_device random;
    std::string result;
    for (int i = 0; i < 4; ++i)
      result += std::to_string(random()) + '-';
    return result + std::to_string(::getpid());
  }();
  return token;
}

/// How long a claim waits for the row before it ends who holds it.
constexpr auto wait_for_row = "SET LOCAL lock_timeout = '500ms'";
constexpr auto lock_not_available = "55P03";

caf::expected<shard_state> try_claim(pqxx::connection& connection,
                                     const shard_claim& x) {
  pqxx::work tx{connection};
  tx.exec(wait_for_row);
  auto rows = tx.exec_params(
      "UPDATE pipeline.shard SET epoch = $2, owner = $3, claimed_by = $5,"
      " updated_at = now()"
      " WHERE shard = $1 AND (epoch = $2 AND claimed_by = $5 OR epoch < $2"
      " AND NOT EXISTS (SELECT 1 FROM pipeline.leader WHERE term > $4))"
      " RETURNING next_offset",
      x.shard, x.epoch, x.owner, x.term, process_token());
  if (rows.empty()) {
    auto row = read_row(tx, x.shard);
    if (!row)
      return row.error();
    return row->epoch < x.epoch ? old_term(x)
                                : fenced(x.shard, x.epoch, row->epoch);
  }
  shard_state result;
  result.next_offset = rows[0][0].as<std::int64_t>();
  result.failures = read_failures(tx, x.shard);
  result.days = load_latest_days(tx, x.symbols);
  tx.commit();
  return result;
}

/// Ends the session whose open transaction holds the shard's row. Its owner
/// hangs in the middle of a write, or its host vanished: the server would keep
/// the row for it as long as its connection lasts. Nothing is lost, for it is
/// fenced anyhow; a claim that would be fenced itself ends nobody.
void end_row_holder(pqxx::connection& connection, const shard_claim& x) {
  pqxx::work tx{connection};
  tx.exec_params("SELECT pg_terminate_backend(l.pid)"
                 " FROM pipeline.shard s JOIN pg_locks l"
                 " ON l.locktype = 'transactionid' AND l.granted"
                 " AND l.transactionid = s.xmax"
                 " WHERE s.shard = $1 AND (s.epoch = $2 AND s.claimed_by = $4"
                 " OR s.epoch < $2 AND NOT EXISTS"
                 " (SELECT 1 FROM pipeline.leader WHERE term > $3))",
                 x.shard, x.epoch, x.term, process_token());
  tx.commit();
}

caf::expected<shard_state> claim_in(pqxx::connection& connection,
                                    const shard_claim& x) {
  try {
    return try_claim(connection, x);
  } catch (const pqxx::sql_error& e) {
    if (e.sqlstate() != lock_not_available)
      throw;
  }
  end_row_holder(connection, x);
  return try_claim(connection, x);
}

caf::expected<std::int64_t> write_in(pqxx::connection& connection,
                                     const shard_write& x) {
  pqxx::work tx{connection};
  auto updated = tx.exec_params(
      "UPDATE pipeline.shard SET next_offset = $4, updated_at = now()"
      " WHERE shard = $1 AND epoch = $2 AND next_offset = $3",
      x.shard, x.epoch, x.from_offset, x.next_offset);
  if (updated.affected_rows() == 0) {
    auto row = read_row(tx, x.shard);
    if (!row)
      return row.error();
    if (row->epoch != x.epoch)
      return fenced(x.shard, x.epoch, row->epoch);
    // A commit whose answer was lost: it is there, do not repeat it.
    if (row->next_offset == x.next_offset)
      return x.next_offset;
    return failure(errc::stale_state,
                   "shard " + std::to_string(x.shard) + " is stored up to "
                       + std::to_string(row->next_offset) + ", not up to "
                       + std::to_string(x.from_offset));
  }
  write_rows(tx, x);
  if (x.passes_failures)
    tx.exec_params("DELETE FROM pipeline.record_failure"
                   " WHERE shard = $1 AND record_offset < $2",
                   x.shard, x.next_offset);
  tx.commit();
  return x.next_offset;
}

} // namespace

struct shard_store::implementation {
  lazy_connection connection;
};

shard_store::shard_store(std::string dsn,
                         std::chrono::milliseconds answer_within)
    : implementation_(std::make_unique<implementation>(
        implementation{lazy_connection{std::move(dsn), answer_within}})) {
  // nop
}

shard_store::~shard_store() = default;

caf::expected<shard_state> shard_store::claim(const shard_claim& x) {
  return with_connection(implementation_->connection,
                         [&](auto& open) { return claim_in(open, x); });
}

caf::expected<std::int64_t> shard_store::write(const shard_write& x) {
  return with_connection(implementation_->connection,
                         [&](auto& open) { return write_in(open, x); });
}

caf::expected<std::int32_t> shard_store::note_failure(const record_failure& x) {
  return with_connection(implementation_->connection,
                         [&](auto& open) { return note_failure_in(open, x); });
}

caf::expected<std::vector<stored_day>> shard_store::load(const day_request& x) {
  return with_connection(
      implementation_->connection,
      [&](pqxx::connection& open) -> caf::expected<std::vector<stored_day>> {
        pqxx::work tx{open};
        auto days = load_day(
            tx, x.symbol, date::sys_days{date::days{static_cast<int>(x.day)}});
        // Behind the read: if the epoch is ours now, nobody wrote before.
        auto row = read_row(tx, x.shard);
        if (!row)
          return row.error();
        if (row->epoch != x.epoch)
          return fenced(x.shard, x.epoch, row->epoch);
        return days;
      });
}

std::int64_t fencing_epoch(const caf::error& x) {
  if (x == errc::fenced
      && x.context().match_elements<std::string, std::int64_t>())
    return x.context().get_as<std::int64_t>(1);
  return 0;
}

} // namespace tickerflow
