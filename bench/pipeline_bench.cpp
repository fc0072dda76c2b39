// The pipeline's throughput and latency, and in the same run the limits of its
// parts: see docs/performance.md.

#include "bench/latency.hpp"
#include "bench/limits.hpp"
#include "bench/processes.hpp"
#include "io/postgres/migrations.hpp"

#include <CLI/CLI.hpp>
#include <libpq-fe.h>
#include <spdlog/fmt/fmt.h>

#include <ctime>
#include <fstream>
#include <memory>
#include <thread>

namespace {

using namespace tickerflow;
using clock_type = std::chrono::steady_clock;

std::string query(PGconn* c, const std::string& sql) {
  auto rows = PQexec(c, sql.c_str());
  if (PQresultStatus(rows) != PGRES_TUPLES_OK)
    throw std::runtime_error(PQerrorMessage(c));
  std::string result = PQntuples(rows) > 0 ? PQgetvalue(rows, 0, 0) : "";
  PQclear(rows);
  return result;
}

void print(const char* what, const measured_rate& x) {
  fmt::print("{:<44} {:>9.0f} /s  {:>6.2f} s", what, x.per_second(), x.seconds);
  if (x.cpu_seconds > 0)
    fmt::print("  {:>6.2f} CPU s", x.cpu_seconds);
  fmt::print("\n");
  std::fflush(stdout);
}

struct cluster {
  std::unique_ptr<bench_process> master;
  std::vector<std::unique_ptr<bench_process>> workers;
};

cluster start_cluster(const bench_options& x) {
  std::string tickers;
  for (int i = 0; i < x.tickers; ++i)
    tickers += (i ? "," : "") + bench_symbol(i);
  std::map<std::string, std::string> environment{
      {"TICKERFLOW_KAFKA", x.kafka.brokers},
      {"TICKERFLOW_POSTGRES_FILE", x.log_dir + "/dsn"},
      {"TICKERFLOW_KAFKA_TOPIC_RAW", x.topic},
      {"TICKERFLOW_TICKERS", tickers},
      {"TICKERFLOW_INTERVAL", "1min"},
      {"TICKERFLOW_LISTEN", "127.0.0.1:47999"},
      {"TICKERFLOW_MASTER", "127.0.0.1:47999"},
      // Nobody answers there: the benchmark brings its own bars.
      {"TICKERFLOW_API_URL", "http://127.0.0.1:9"},
      {"API_KEY", "BENCHMARKBENCHMK"},
  };
  cluster result;
  result.master = std::make_unique<bench_process>(
      "master", std::vector<std::string>{x.program, "master"}, environment,
      x.log_dir + "/master.log");
  for (int i = 1; i <= x.workers; ++i) {
    auto name = "worker-" + std::to_string(i);
    environment["TICKERFLOW_NODE"] = name;
    result.workers.push_back(std::make_unique<bench_process>(
        name, std::vector<std::string>{x.program, "worker"}, environment,
        x.log_dir + "/" + name + ".log"));
  }
  return result;
}

/// Bytes on disk for each row, with indexes: what docs/operations.md counts
/// with.
void print_bytes_a_row(PGconn* c) {
  for (auto table : {"market.bar", "market.bar_window"}) {
    auto name = std::string{table};
    fmt::print("    {:<18} {} bytes a row: {} table, {} index\n", name,
               query(c, "SELECT pg_total_relation_size('" + name
                            + "') / count(*) FROM " + name),
               query(c, "SELECT pg_table_size('" + name + "') / count(*) FROM "
                            + name),
               query(c, "SELECT pg_indexes_size('" + name
                            + "') / count(*) FROM " + name));
  }
}

/// @returns bars a second
double measure_pipeline(const bench_options& x, PGconn* c, std::int64_t records,
                        cluster& nodes) {
  auto kafka_cpu = cpu_seconds_of("kafka.Kafka");
  auto postgres_cpu = cpu_seconds_of("postgres");
  nodes = start_cluster(x);
  auto stored = [&] {
    return std::stoll(
        query(c, "SELECT coalesce(sum(next_offset), 0) FROM pipeline.shard"));
  };
  while (stored() == 0)
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  // From the first commit on: starting processes is no throughput.
  auto start = clock_type::now();
  auto first = stored();
  std::int64_t now = first;
  while (now < records) {
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    now = stored();
    if (clock_type::now() - start > std::chrono::minutes{10})
      throw std::runtime_error("the pipeline did not finish in 10 minutes");
  }
  auto seconds =
      std::chrono::duration<double>(clock_type::now() - start).count();
  measured_rate result;
  result.seconds = seconds;
  result.count = records - first;
  print("pipeline: topic to bars and windows, 2 workers", result);
  fmt::print("    rows: {} bars, {} windows\n",
             query(c, "SELECT count(*) FROM market.bar"),
             query(c, "SELECT count(*) FROM market.bar_window"));
  print_bytes_a_row(c);
  auto show = [](const bench_process& p) {
    fmt::print("    {:<12} {:>7.2f} CPU s  {:>7.1f} MB peak\n", p.name(),
               p.cpu_seconds(), p.peak_megabytes());
  };
  show(*nodes.master);
  for (auto& worker : nodes.workers)
    show(*worker);
  fmt::print("    {:<12} {:>7.2f} CPU s\n", "PostgreSQL",
             cpu_seconds_of("postgres") - postgres_cpu);
  fmt::print("    {:<12} {:>7.2f} CPU s\n", "Kafka",
             cpu_seconds_of("kafka.Kafka") - kafka_cpu);
  std::fflush(stdout);
  return result.per_second();
}

int run(const bench_options& x, bool with_limits) {
  if (auto applied = migrate(x.postgres); !applied)
    throw std::runtime_error(text_of(applied.error()));
  std::unique_ptr<PGconn, decltype(&PQfinish)> c{
      PQconnectdb(x.postgres.c_str()), PQfinish};
  if (query(c.get(), "SELECT count(*) FROM market.bar") != "0")
    throw std::runtime_error("the database is not empty: the benchmark needs "
                             "one of its own");
  auto start = clock_type::now();
  measured_rate produce;
  produce.count = preload(x);
  produce.seconds =
      std::chrono::duration<double>(clock_type::now() - start).count();
  print("preload (not part of the measurement)", produce);
  auto records = produce.count;
  double copy_rate = 0;
  if (with_limits) {
    fmt::print("\nlimits\n");
    print("  consume only", measure_consume(x, records, false));
    print("  consume and parse, one thread", measure_consume(x, records, true));
    auto copy = measure_copy(x, 1);
    print("  COPY of the same rows, 1 connection", copy);
    copy_rate = copy.per_second();
    print("  COPY of the same rows, 2 connections", measure_copy(x, 2));
  }
  fmt::print("\n");
  cluster nodes;
  auto rate = measure_pipeline(x, c.get(), records, nodes);
  if (copy_rate > 0)
    fmt::print("    = {:.2f} of COPY alone on one connection\n\n",
               rate / copy_rate);
  // The load above left gigabytes of dirty pages; their flush is not what a
  // steady flow of bars meets.
  PQclear(PQexec(c.get(), "CHECKPOINT"));
  auto latency = measure_latency(x);
  fmt::print("latency, produce to committed row, {} bars/s for {} s:\n"
             "    p50 {:.1f} ms  p99 {:.1f} ms  worst {:.1f} ms  ({} bars)\n",
             x.latency_rate, x.latency_seconds, latency.p50_ms, latency.p99_ms,
             latency.worst_ms, latency.bars);
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  bench_options x;
  bool without_limits = false;
  CLI::App program{"Tickerflow's throughput and latency"};
  program.add_option("--kafka", x.kafka.brokers)->required();
  program
      .add_option("--postgres-file", x.log_dir,
                  "folder that has the DSN in its file dsn; logs go there")
      ->required();
  program.add_option("--program", x.program)->required();
  program.add_option("--tickers", x.tickers);
  program.add_option("--bars", x.bars_per_ticker, "bars for each ticker");
  program.add_option("--workers", x.workers);
  program.add_option("--latency-seconds", x.latency_seconds);
  program.add_flag("--without-limits", without_limits,
                   "only the pipeline itself");
  // A topic of its own each time: records of an earlier run would be counted.
  x.topic += '_' + std::to_string(std::time(nullptr));
  CLI11_PARSE(program, argc, argv);
  try {
    std::ifstream file{x.log_dir + "/dsn"};
    std::getline(file, x.postgres);
    return run(x, !without_limits);
  } catch (const std::exception& e) {
    fmt::print(stderr, "benchmark failed: {}\n", e.what());
    return 1;
  }
}
