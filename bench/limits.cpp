#include "bench/limits.hpp"

#include "bench/processes.hpp"
#include "io/event/event.hpp"
#include "io/kafka/reader.hpp"
#include "market/exchange_time.hpp"
#include "market/price.hpp"
#include "market/shard.hpp"

#include <libpq-fe.h>

#include <stdexcept>
#include <thread>

namespace tickerflow {

namespace {

using clock = std::chrono::steady_clock;

double seconds_since(clock::time_point start) {
  return std::chrono::duration<double>(clock::now() - start).count();
}

using connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;

connection connect(const std::string& dsn) {
  connection result{PQconnectdb(dsn.c_str()), PQfinish};
  if (PQstatus(result.get()) != CONNECTION_OK)
    throw std::runtime_error(PQerrorMessage(result.get()));
  return result;
}

void run(PGconn* c, const char* sql, ExecStatusType wanted) {
  auto result = PQexec(c, sql);
  auto status = PQresultStatus(result);
  PQclear(result);
  if (status != wanted)
    throw std::runtime_error(PQerrorMessage(c));
}

constexpr size_t rows_of_a_transaction = 10'000;

/// COPY text of whole transactions.
using transactions = std::vector<std::string>;

std::vector<transactions> make_text(const bench_options& x, int parts) {
  std::vector<transactions> result(static_cast<size_t>(parts));
  std::vector<size_t> rows(static_cast<size_t>(parts));
  for_each_bench_bar(x, [&](const bar& b) {
    // The same split as the pipeline's: by shard.
    auto part = static_cast<size_t>(shard_of(b.symbol, x.shards) % parts);
    if (rows[part]++ % rows_of_a_transaction == 0)
      result[part].emplace_back();
    auto& out = result[part].back();
    out += b.symbol;
    out += '\t';
    append_rfc3339(out, b.start);
    out += "\t60\tregular\t";
    for (auto price : {b.open_e4, b.high_e4, b.low_e4, b.close_e4}) {
      append_e4(out, price);
      out += '\t';
    }
    out += std::to_string(b.volume_shares);
    out += "\t0\tf\n";
  });
  return result;
}

void copy_all(const std::string& dsn, const transactions& work) {
  auto c = connect(dsn);
  for (auto& text : work) {
    run(c.get(), "BEGIN", PGRES_COMMAND_OK);
    run(c.get(),
        "COPY bench_bar (symbol, start, interval_s, session, open, high, low,"
        " close, volume, revision, suspect) FROM STDIN",
        PGRES_COPY_IN);
    if (PQputCopyData(c.get(), text.data(), static_cast<int>(text.size())) != 1
        || PQputCopyEnd(c.get(), nullptr) != 1)
      throw std::runtime_error(PQerrorMessage(c.get()));
    while (auto result = PQgetResult(c.get())) {
      auto bad = PQresultStatus(result) != PGRES_COMMAND_OK;
      PQclear(result);
      if (bad)
        throw std::runtime_error(PQerrorMessage(c.get()));
    }
    run(c.get(), "COMMIT", PGRES_COMMAND_OK);
  }
}

} // namespace

measured_rate measure_consume(const bench_options& x, std::int64_t records,
                              bool parse) {
  auto reader = kafka_reader::make({x.kafka, x.topic, 65536, 4096});
  if (!reader)
    throw std::runtime_error(text_of(reader.error()));
  measured_rate result;
  auto cpu = own_cpu_seconds();
  auto start = clock::now();
  for (int i = 0; i < x.shards; ++i)
    (*reader)->open(i, 0);
  event_parser parser;
  std::int64_t faults = 0;
  while (result.count < records) {
    bool any = false;
    for (int i = 0; i < x.shards; ++i) {
      auto batch = (*reader)->take(i);
      if (!batch)
        throw std::runtime_error(text_of(batch.error()));
      if (parse)
        for (auto& record : batch->records)
          faults += parser.parse(record.value).fault != event_fault::none;
      result.count += static_cast<std::int64_t>(batch->records.size());
      any |= !batch->records.empty();
    }
    if (!any)
      (*reader)->wait(std::chrono::milliseconds{5});
  }
  result.seconds = seconds_since(start);
  result.cpu_seconds = own_cpu_seconds() - cpu;
  if (faults > 0)
    throw std::runtime_error("the benchmark's own events do not parse");
  return result;
}

measured_rate measure_copy(const bench_options& x, int connections) {
  auto c = connect(x.postgres);
  run(c.get(), "DROP TABLE IF EXISTS bench_bar", PGRES_COMMAND_OK);
  run(c.get(), "CREATE TABLE bench_bar (LIKE market.bar INCLUDING ALL)",
      PGRES_COMMAND_OK);
  run(c.get(), "CHECKPOINT", PGRES_COMMAND_OK);
  auto work = make_text(x, connections);
  measured_rate result;
  auto start = clock::now();
  std::vector<std::thread> threads;
  std::vector<std::string> errors(work.size());
  for (size_t i = 0; i < work.size(); ++i)
    threads.emplace_back([&, i] {
      try {
        copy_all(x.postgres, work[i]);
      } catch (const std::exception& e) {
        errors[i] = e.what();
      }
    });
  for (auto& t : threads)
    t.join();
  result.seconds = seconds_since(start);
  for (auto& e : errors)
    if (!e.empty())
      throw std::runtime_error(e);
  result.count = std::int64_t{x.tickers} * x.bars_per_ticker;
  run(c.get(), "DROP TABLE bench_bar", PGRES_COMMAND_OK);
  run(c.get(), "CHECKPOINT", PGRES_COMMAND_OK);
  return result;
}

} // namespace tickerflow
