#include "io/kafka/reader.hpp"

#include "io/kafka/client.hpp"

#include <spdlog/spdlog.h>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

namespace tickerflow {

namespace {

struct close_topic {
  void operator()(rd_kafka_topic_t* x) const { rd_kafka_topic_destroy(x); }
};

struct close_queue {
  void operator()(rd_kafka_queue_t* x) const { rd_kafka_queue_destroy(x); }
};

/// What librdkafka handed over; given back as soon as it is copied.
struct taken_messages {
  std::vector<rd_kafka_message_t*> all;

  taken_messages() = default;
  taken_messages(const taken_messages&) = delete;
  taken_messages& operator=(const taken_messages&) = delete;

  ~taken_messages() {
    for (auto x : all)
      rd_kafka_message_destroy(x);
  }
};

/// Appends bytes to an arena that has room for them.
std::string_view keep(std::string& arena, const void* first, size_t length) {
  auto at = arena.size();
  arena.append(static_cast<const char*>(first), first ? length : 0);
  return {arena.data() + at, arena.size() - at};
}

} // namespace

struct kafka_reader::implementation {
  reader_options options;
  kafka_handle client;
  std::unique_ptr<rd_kafka_topic_t, close_topic> topic;
  std::map<std::int32_t, std::unique_ptr<rd_kafka_queue_t, close_queue>> queues;
  std::set<std::int32_t> out_of_range;
  int wakeup = -1;

  caf::error range_error(std::int32_t partition) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    auto code = rd_kafka_query_watermark_offsets(
        client.get(), options.topic.c_str(), partition, &low, &high, 5000);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      out_of_range.insert(partition); // ask again
      return kafka_error(code, options.topic);
    }
    return caf::make_error(errc::stale_state,
                           options.topic + " partition "
                               + std::to_string(partition) + " holds offsets "
                               + std::to_string(low) + " to "
                               + std::to_string(high) + " only",
                           low, high);
  }

  ~implementation() {
    for (auto& [partition, queue] : queues)
      rd_kafka_consume_stop(topic.get(), partition);
    queues.clear();
    topic.reset();
    client.reset();
    if (wakeup >= 0)
      ::close(wakeup);
  }
};

kafka_reader::kafka_reader()
    : implementation_(std::make_unique<implementation>()) {
  // nop
}

kafka_reader::~kafka_reader() = default;

caf::expected<std::unique_ptr<kafka_reader>>
kafka_reader::make(reader_options options) {
  std::unique_ptr<kafka_reader> result{new kafka_reader};
  auto& x = *result->implementation_;
  x.options = std::move(options);
  auto client = make_client(
      RD_KAFKA_CONSUMER, x.options.kafka,
      {
          {"enable.auto.commit", "false"},
          {"enable.partition.eof", "false"},
          {"auto.offset.reset", "error"},
          {"queued.max.messages.kbytes", std::to_string(x.options.queued_kb)},
          {"queued.min.messages", "20000"},
          {"fetch.message.max.bytes", "1048576"},
          {"fetch.wait.max.ms", "100"},
          {"fetch.error.backoff.ms", "100"},
      });
  if (!client)
    return client.error();
  x.client = std::move(*client);
  x.topic.reset(
      rd_kafka_topic_new(x.client.get(), x.options.topic.c_str(), nullptr));
  if (!x.topic)
    return kafka_error(rd_kafka_last_error(), "topic " + x.options.topic);
  x.wakeup = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  return result;
}

caf::error kafka_reader::open(std::int32_t partition, std::int64_t offset) {
  auto& x = *implementation_;
  close(partition);
  std::unique_ptr<rd_kafka_queue_t, close_queue> queue{
      rd_kafka_queue_new(x.client.get())};
  // librdkafka writes the bytes when the queue becomes non-empty.
  constexpr std::uint64_t one = 1;
  rd_kafka_queue_io_event_enable(queue.get(), x.wakeup, &one, sizeof one);
  if (rd_kafka_consume_start_queue(x.topic.get(), partition, offset,
                                   queue.get())
      != 0)
    return kafka_error(rd_kafka_last_error(), x.options.topic + " partition "
                                                  + std::to_string(partition));
  x.queues[partition] = std::move(queue);
  return caf::none;
}

void kafka_reader::close(std::int32_t partition) {
  auto& x = *implementation_;
  auto queue = x.queues.find(partition);
  if (queue == x.queues.end())
    return;
  rd_kafka_consume_stop(x.topic.get(), partition);
  x.queues.erase(queue);
  x.out_of_range.erase(partition);
}

caf::expected<record_batch> kafka_reader::take(std::int32_t partition) {
  auto& x = *implementation_;
  record_batch result;
  result.shard = partition;
  auto queue = x.queues.find(partition);
  if (queue == x.queues.end())
    return result;
  taken_messages taken;
  taken.all.resize(static_cast<size_t>(x.options.batch_records));
  auto count = rd_kafka_consume_batch_queue(queue->second.get(), 0,
                                            taken.all.data(), taken.all.size());
  taken.all.resize(count > 0 ? static_cast<size_t>(count) : 0);
  // Copied into one piece: a record waits here for PostgreSQL, and librdkafka
  // spends three times its length on each one that it holds.
  size_t length = 0;
  for (auto message : taken.all)
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
      length += message->key_len + message->len;
  auto arena = std::make_shared<std::string>();
  arena->reserve(length);
  result.records.reserve(taken.all.size());
  for (auto message : taken.all) {
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      result.records.push_back({message->offset,
                                keep(*arena, message->key, message->key_len),
                                keep(*arena, message->payload, message->len)});
      continue;
    }
    if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET
        || message->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE)
      x.out_of_range.insert(partition);
    else if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
      // librdkafka goes on with the same offset when the cause is gone.
      spdlog::warn("event=kafka_read_failed topic={} partition={} "
                   "reason=\"{}\"",
                   x.options.topic, partition,
                   rd_kafka_message_errstr(message));
  }
  // Only when the good records before it are taken.
  if (result.records.empty() && x.out_of_range.erase(partition) > 0)
    return x.range_error(partition);
  std::int64_t low = 0;
  std::int64_t high = 0;
  if (rd_kafka_get_watermark_offsets(x.client.get(), x.options.topic.c_str(),
                                     partition, &low, &high)
      == RD_KAFKA_RESP_ERR_NO_ERROR)
    result.high_watermark = high;
  if (!result.records.empty()) {
    result.high_watermark =
        std::max(result.high_watermark, result.records.back().offset + 1);
    result.owner = std::move(arena);
    kafka_answered(x.client.get());
  }
  return result;
}

void kafka_reader::wait(std::chrono::milliseconds timeout) {
  auto& x = *implementation_;
  pollfd wanted{x.wakeup, POLLIN, 0};
  if (::poll(&wanted, 1, static_cast<int>(timeout.count())) > 0) {
    std::uint64_t count = 0;
    [[maybe_unused]] auto ignored = ::read(x.wakeup, &count, sizeof count);
  }
  rd_kafka_poll(x.client.get(), 0); // its error callbacks
}

int kafka_reader::wakeup_fd() const { return implementation_->wakeup; }

std::optional<offset_range> available_range(const caf::error& x) {
  if (x == errc::stale_state
      && x.context().match_elements<std::string, std::int64_t, std::int64_t>())
    return offset_range{x.context().get_as<std::int64_t>(1),
                        x.context().get_as<std::int64_t>(2)};
  return std::nullopt;
}

} // namespace tickerflow
