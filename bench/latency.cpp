#include "bench/latency.hpp"

#include "io/event/event.hpp"
#include "market/calendar.hpp"
#include "market/shard.hpp"

#include <libpq-fe.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace tickerflow {

namespace {

using clock = std::chrono::steady_clock;

/// Records on their way: when they were produced and where they came to be.
struct tracker {
  struct waiting {
    std::int64_t offset;
    clock::time_point produced;
  };
  std::mutex lock;
  std::vector<std::deque<waiting>> by_shard;
  std::vector<double> latencies_ms;
  std::atomic<std::int64_t> failed{0};

  static void delivered(rd_kafka_t*, const rd_kafka_message_t* message,
                        void* opaque) {
    auto self = static_cast<tracker*>(opaque);
    auto produced = static_cast<clock::time_point*>(message->_private);
    if (message->err) {
      ++self->failed;
    } else {
      std::lock_guard<std::mutex> guard{self->lock};
      self->by_shard[static_cast<size_t>(message->partition)].push_back(
          {message->offset, *produced});
    }
    delete produced;
  }

  void committed(size_t shard, std::int64_t next_offset,
                 clock::time_point now) {
    std::lock_guard<std::mutex> guard{lock};
    auto& queue = by_shard[shard];
    while (!queue.empty() && queue.front().offset < next_offset) {
      latencies_ms.push_back(std::chrono::duration<double, std::milli>(
                                 now - queue.front().produced)
                                 .count());
      queue.pop_front();
    }
  }
};

double percentile(std::vector<double>& sorted, double p) {
  if (sorted.empty())
    return 0;
  auto i = static_cast<size_t>(p * static_cast<double>(sorted.size() - 1));
  return sorted[i];
}

} // namespace

measured_latency measure_latency(const bench_options& x) {
  tracker t;
  t.by_shard.resize(static_cast<size_t>(x.shards));
  auto conf = rd_kafka_conf_new();
  char reason[256];
  for (auto [key, value] : {std::pair<const char*, const char*>{
                                "bootstrap.servers", x.kafka.brokers.c_str()},
                            {"enable.idempotence", "true"},
                            {"linger.ms", "2"},
                            {"partitioner", "murmur2_random"}})
    rd_kafka_conf_set(conf, key, value, reason, sizeof reason);
  rd_kafka_conf_set_opaque(conf, &t);
  rd_kafka_conf_set_dr_msg_cb(conf, tracker::delivered);
  auto producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof reason);
  if (!producer)
    throw std::runtime_error(reason);
  std::atomic<bool> done{false};
  std::thread watcher{[&] {
    auto c = PQconnectdb(x.postgres.c_str());
    while (!done) {
      auto rows = PQexec(c, "SELECT shard, next_offset FROM pipeline.shard");
      auto now = clock::now();
      for (int i = 0; i < PQntuples(rows); ++i)
        t.committed(static_cast<size_t>(std::atoi(PQgetvalue(rows, i, 0))),
                    std::atoll(PQgetvalue(rows, i, 1)), now);
      PQclear(rows);
      std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    PQfinish(c);
  }};
  // Bars behind those of the throughput run: the same tickers, later days.
  auto later = x;
  auto total = std::int64_t{x.latency_rate} * x.latency_seconds;
  auto minutes = static_cast<int>(total / x.tickers) + 1;
  later.bars_per_ticker = x.bars_per_ticker + minutes;
  auto skip = std::int64_t{x.tickers} * x.bars_per_ticker;
  // Connecting and the idempotent producer's first handshake take a second
  // once: this record, which is rubbish to the pipeline, pays for it.
  rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(x.topic.c_str()),
                    RD_KAFKA_V_VALUE(const_cast<char*>("warm-up"), 7),
                    RD_KAFKA_V_OPAQUE(new clock::time_point{clock::now()}),
                    RD_KAFKA_V_END);
  rd_kafka_flush(producer, 10'000);
  std::this_thread::sleep_for(std::chrono::seconds{1});
  {
    std::lock_guard<std::mutex> guard{t.lock};
    t.latencies_ms.clear();
  }
  auto start = clock::now();
  std::int64_t i = -skip;
  for_each_bench_bar(later, [&](const bar& b) {
    if (i++ < 0 || i > total)
      return;
    if (i == 1)
      start = clock::now();
    std::this_thread::sleep_until(
        start
        + std::chrono::nanoseconds{(i - 1) * 1'000'000'000 / x.latency_rate});
    auto text = encode_event(b, session::regular, "bench", b.end(), 0);
    rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(x.topic.c_str()),
                      RD_KAFKA_V_KEY(b.symbol.data(), b.symbol.size()),
                      RD_KAFKA_V_VALUE(text.data(), text.size()),
                      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                      RD_KAFKA_V_OPAQUE(new clock::time_point{clock::now()}),
                      RD_KAFKA_V_END);
    rd_kafka_poll(producer, 0);
  });
  rd_kafka_flush(producer, 10'000);
  for (int wait = 0; wait < 500; ++wait) {
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    std::lock_guard<std::mutex> guard{t.lock};
    if (static_cast<std::int64_t>(t.latencies_ms.size()) >= total)
      break;
  }
  done = true;
  watcher.join();
  rd_kafka_destroy(producer);
  std::sort(t.latencies_ms.begin(), t.latencies_ms.end());
  measured_latency result;
  result.bars = static_cast<std::int64_t>(t.latencies_ms.size());
  result.p50_ms = percentile(t.latencies_ms, 0.5);
  result.p99_ms = percentile(t.latencies_ms, 0.99);
  result.worst_ms = t.latencies_ms.empty() ? 0 : t.latencies_ms.back();
  if (result.bars != total)
    throw std::runtime_error("only " + std::to_string(result.bars) + " of "
                             + std::to_string(total) + " bars were committed");
  return result;
}

} // namespace tickerflow
