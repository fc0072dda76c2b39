#include "test/soak/feeder.hpp"

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <stdexcept>

namespace tickerflow::soak {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto longest_flush = 60s;

} // namespace

struct feeder::implementation {
  feeder_options options;
  soak::traffic traffic;
  soak::ledger ledger;
  rd_kafka_t* client = nullptr;
  std::atomic<std::int64_t>* acknowledged = nullptr;
  std::int64_t produced = 0;
  std::string failed;

  explicit implementation(const feeder_options& x)
      : options(x), traffic(x.traffic) {
    // nop
  }

  ~implementation() {
    if (!client)
      return;
    rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(client, 1000);
    rd_kafka_destroy(client);
  }

  static void delivered(rd_kafka_t*, const rd_kafka_message_t* message,
                        void* opaque) {
    auto self = static_cast<implementation*>(opaque);
    std::unique_ptr<raw_event> event{
        static_cast<raw_event*>(message->_private)};
    if (message->err) {
      self->failed = rd_kafka_err2str(message->err);
      return;
    }
    // Nobody else writes to the topic, so the offset is known; of a retry that
    // the broker had already it is not told.
    auto end = self->ledger.ends().find(message->partition);
    auto offset = end == self->ledger.ends().end() ? 0 : end->second;
    if (message->offset >= 0 && message->offset != offset)
      self->failed = "record at offset " + std::to_string(message->offset)
                     + " of partition " + std::to_string(message->partition)
                     + ", expected at " + std::to_string(offset);
    self->ledger.acknowledged(*event, message->partition, offset);
    ++*self->acknowledged;
  }

  /// @returns whether there was room for it
  bool produce(std::unique_ptr<raw_event>& x) {
    auto has_value = !x->value.empty();
    auto code = rd_kafka_producev(
        client, RD_KAFKA_V_TOPIC(options.topic.c_str()),
        RD_KAFKA_V_KEY(x->has_key ? x->key.data() : nullptr,
                       x->has_key ? x->key.size() : 0),
        RD_KAFKA_V_VALUE(has_value ? x->value.data() : nullptr,
                         x->value.size()),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE(x.get()),
        RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL)
      return false;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      failed = rd_kafka_err2str(code);
      return true;
    }
    x.release(); // comes back with its answer
    ++produced;
    return true;
  }
};

feeder::feeder(const feeder_options& x)
    : implementation_(std::make_unique<implementation>(x)) {
  auto& self = *implementation_;
  self.acknowledged = &acknowledged_;
  auto conf = rd_kafka_conf_new();
  char reason[256];
  for (auto [key, value] : {
           std::pair<const char*, const char*>{"bootstrap.servers",
                                               x.brokers.c_str()},
           {"client.id", "soak"},
           {"enable.idempotence", "true"},
           {"message.timeout.ms", "0"}, // waits for the broker without end
           {"linger.ms", "2"},
           {"reconnect.backoff.max.ms", "1000"},
           {"queue.buffering.max.messages", "1000000"},
           {"queue.buffering.max.kbytes", "1048576"},
           {"partitioner", "murmur2_random"},
           {"log_level", "2"},
       })
    if (rd_kafka_conf_set(conf, key, value, reason, sizeof reason)
        != RD_KAFKA_CONF_OK)
      throw std::runtime_error(reason);
  rd_kafka_conf_set_opaque(conf, &self);
  rd_kafka_conf_set_dr_msg_cb(conf, implementation::delivered);
  self.client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof reason);
  if (!self.client)
    throw std::runtime_error(reason);
}

feeder::~feeder() {
  stopping_ = true;
  if (thread_.joinable())
    thread_.join();
}

void feeder::start() {
  thread_ = std::thread{[this] { run(); }};
}

void feeder::run() {
  auto& self = *implementation_;
  auto begin = clock::now();
  std::unique_ptr<raw_event> next;
  while (!stopping_) {
    auto due = static_cast<std::int64_t>(
        std::chrono::duration<double>(clock::now() - begin).count()
        * static_cast<double>(self.options.rate));
    while (self.produced < due && !stopping_ && self.failed.empty()) {
      if (!next)
        next = std::make_unique<raw_event>(self.traffic.next());
      if (!self.produce(next))
        break;
    }
    rd_kafka_poll(self.client, 5);
    std::this_thread::sleep_for(1ms);
  }
  auto limit = clock::now() + longest_flush;
  while (acknowledged_ < self.produced && self.failed.empty()
         && clock::now() < limit)
    rd_kafka_poll(self.client, 20);
}

void feeder::finish() {
  stopping_ = true;
  if (thread_.joinable())
    thread_.join();
  auto& self = *implementation_;
  if (!self.failed.empty())
    throw std::runtime_error("producing failed: " + self.failed);
  if (acknowledged_ < self.produced)
    throw std::runtime_error(
        std::to_string(self.produced - acknowledged_)
        + " records were not acknowledged within a minute");
}

const std::vector<std::string>& feeder::symbols() const {
  return implementation_->traffic.symbols();
}

const soak::ledger& feeder::ledger() const { return implementation_->ledger; }

} // namespace tickerflow::soak
