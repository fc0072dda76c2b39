#include "bench/bench_events.hpp"

#include "io/event/event.hpp"
#include "io/kafka/producer.hpp"
#include "io/kafka/topics.hpp"
#include "market/calendar.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>
#include <thread>

namespace tickerflow {

std::string bench_symbol(int i) {
  auto digits = std::to_string(i);
  return 'B' + std::string(3 - std::min<size_t>(3, digits.size()), '0')
         + digits;
}

void for_each_bench_bar(const bench_options& x,
                        const std::function<void(const bar&)>& f) {
  using namespace std::chrono_literals;
  std::mt19937_64 random{42};
  std::vector<bar> bars(static_cast<size_t>(x.tickers));
  for (int i = 0; i < x.tickers; ++i) {
    auto& b = bars[static_cast<size_t>(i)];
    b.symbol = bench_symbol(i);
    b.close_e4 = (20 + i) * price_scale;
  }
  auto first = date::sys_days{date::year{2020} / 1 / 2};
  auto day = nyse().next_on_or_after(first);
  auto start = day->open;
  for (int minute = 0; minute < x.bars_per_ticker; ++minute) {
    if (start >= day->close) {
      ++day;
      start = day->open;
    }
    for (auto& b : bars) {
      auto step = [&] {
        return static_cast<std::int64_t>(random() % 2001) - 1000;
      };
      b.start = start;
      b.open_e4 = b.close_e4;
      b.close_e4 = std::max<std::int64_t>(price_scale, b.open_e4 + step());
      b.high_e4 = std::max(b.open_e4, b.close_e4) + std::abs(step());
      b.low_e4 = std::max<std::int64_t>(1, std::min(b.open_e4, b.close_e4)
                                               - std::abs(step()));
      b.volume_shares = static_cast<std::int64_t>(random() % 50'000);
      f(b);
    }
    start += 1min;
  }
}

std::int64_t preload(const bench_options& x) {
  auto topics =
      ensure_topics(x.kafka, {{x.topic, x.shards, 1, {{"retention.ms", "-1"}}}},
                    std::chrono::seconds{10});
  if (!topics)
    throw std::runtime_error(text_of(topics.error()));
  auto producer = kafka_producer::make(x.kafka, -1);
  if (!producer)
    throw std::runtime_error(text_of(producer.error()));
  std::int64_t sent = 0;
  std::int64_t confirmed = 0;
  std::string failed;
  auto batch = std::make_shared<outgoing_batch>();
  auto send = [&] {
    if (batch->records.empty())
      return;
    sent += static_cast<std::int64_t>(batch->records.size());
    (*producer)->send(batch, [&](caf::expected<std::int64_t> done) {
      if (done)
        confirmed += *done;
      else
        failed = text_of(done.error());
    });
    batch = std::make_shared<outgoing_batch>();
    while (failed.empty() && sent - confirmed > 50'000) {
      (*producer)->poll();
      std::this_thread::sleep_for(std::chrono::microseconds{200});
    }
  };
  for_each_bench_bar(x, [&](const bar& b) {
    batch->records.push_back(
        {x.topic, b.symbol,
         encode_event(b, session::regular, "bench", b.end(), 0)});
    if (batch->records.size() == 5000)
      send();
  });
  send();
  while (failed.empty() && confirmed < sent) {
    (*producer)->poll();
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  if (!failed.empty())
    throw std::runtime_error(failed);
  return confirmed;
}

} // namespace tickerflow
