#include "io/kafka/producer.hpp"

#include "io/kafka/client.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <limits>

namespace tickerflow {

namespace {

/// What is left of a record that the broker finds too large: enough to see
/// what it is. The dead-letter table has all of it.
constexpr size_t truncated_bytes = 256 * 1024;
constexpr size_t truncated_key_bytes = 1024; // and of each header
constexpr size_t whole = std::numeric_limits<size_t>::max();
/// A topic that does not even take this takes nothing of ours.
constexpr size_t least_bytes = 1024;

/// How long a record may wait for room in librdkafka's queue; with the time
/// that a record may take then, less than askers wait.
constexpr std::chrono::seconds longest_wait{20};

/// One batch on its way. It is deleted when its last record is answered.
struct flight {
  outgoing_batch_ptr batch;
  kafka_producer::confirmation done;
  size_t open = 0;
  std::int64_t delivered = 0;
  caf::error failed;
};

struct record_in_flight {
  flight* owner;
  size_t index;
  size_t most_bytes; // of its value; quartered until the broker takes it
  std::chrono::steady_clock::time_point since;
};

} // namespace

struct kafka_producer::implementation {
  kafka_handle client;
  /// Records that did not fit into librdkafka's queue.
  std::vector<record_in_flight*> waiting;
  size_t batches = 0; // on their way

  static void delivered(rd_kafka_t*, const rd_kafka_message_t* message,
                        void* opaque) {
    auto self = static_cast<implementation*>(opaque);
    auto record = static_cast<record_in_flight*>(message->_private);
    self->answer(record, message->err);
  }

  void answer(record_in_flight* record, rd_kafka_resp_err_t code) {
    auto owner = record->owner;
    if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE
        && record->most_bytes > least_bytes) {
      record->most_bytes = std::min(truncated_bytes, record->most_bytes / 4);
      produce(record);
      return;
    }
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++owner->delivered;
      kafka_answered(client.get());
    } else
      owner->failed =
          kafka_error(code, "a record for topic "
                                + owner->batch->records[record->index].topic);
    delete record;
    finish(owner);
  }

  void finish(flight* owner) {
    if (--owner->open > 0)
      return;
    --batches;
    if (owner->failed)
      owner->done(owner->failed);
    else
      owner->done(owner->delivered);
    delete owner;
  }

  void produce(record_in_flight* record) {
    auto& x = record->owner->batch->records[record->index];
    auto headers = rd_kafka_headers_new(x.headers.size() + 1);
    auto truncated = record->most_bytes != whole;
    auto most = truncated ? truncated_key_bytes : whole;
    for (auto& [name, value] : x.headers)
      rd_kafka_header_add(headers, name.data(),
                          static_cast<ssize_t>(name.size()), value.data(),
                          static_cast<ssize_t>(std::min(value.size(), most)));
    if (truncated)
      rd_kafka_header_add(headers, "truncated", -1, "true", 4);
    auto length = std::min(x.value.size(), record->most_bytes);
    auto code = rd_kafka_producev(
        client.get(), RD_KAFKA_V_TOPIC(x.topic.c_str()),
        RD_KAFKA_V_KEY(x.key.data(), std::min(x.key.size(), most)),
        RD_KAFKA_V_VALUE(const_cast<char*>(x.value.data()), length),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_HEADERS(headers),
        RD_KAFKA_V_OPAQUE(record), RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
      return;
    rd_kafka_headers_destroy(headers);
    auto full = code == RD_KAFKA_RESP_ERR__QUEUE_FULL;
    if (full && std::chrono::steady_clock::now() - record->since < longest_wait)
      waiting.push_back(record);
    else
      answer(record, code);
  }
};

kafka_producer::kafka_producer()
    : implementation_(std::make_unique<implementation>()) {
  // nop
}

kafka_producer::~kafka_producer() {
  auto& x = *implementation_;
  if (!x.client)
    return;
  // Answers all that is still open, so that nothing leaks.
  rd_kafka_purge(x.client.get(),
                 RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(x.client.get(), 1000);
}

caf::expected<std::unique_ptr<kafka_producer>>
kafka_producer::make(const kafka_options& options, int wakeup_fd) {
  std::unique_ptr<kafka_producer> result{new kafka_producer};
  auto& x = *result->implementation_;
  auto client = make_client(
      RD_KAFKA_PRODUCER, options,
      {
          {"enable.idempotence", "true"},
          {"acks", "all"},
          {"partitioner", "murmur2_random"},
          {"linger.ms", "2"},
          {"message.max.bytes", "4000000"},
          {"message.timeout.ms", "30000"},
          {"queue.buffering.max.messages", std::to_string(most_records)},
          {"queue.buffering.max.kbytes", "65536"},
      },
      implementation::delivered, &x);
  if (!client)
    return client.error();
  x.client = std::move(*client);
  if (wakeup_fd >= 0) {
    constexpr std::uint64_t one = 1;
    auto queue = rd_kafka_queue_get_main(x.client.get());
    rd_kafka_queue_io_event_enable(queue, wakeup_fd, &one, sizeof one);
    rd_kafka_queue_destroy(queue);
  }
  return result;
}

void kafka_producer::send(outgoing_batch_ptr batch, confirmation done) {
  auto count = batch->records.size();
  if (count == 0) {
    done(std::int64_t{0});
    return;
  }
  auto now = std::chrono::steady_clock::now();
  ++implementation_->batches;
  auto owner = new flight;
  owner->batch = std::move(batch);
  owner->done = std::move(done);
  owner->open = count;
  for (size_t i = 0; i < count; ++i)
    implementation_->produce(new record_in_flight{owner, i, whole, now});
}

void kafka_producer::poll() {
  auto& x = *implementation_;
  rd_kafka_poll(x.client.get(), 0);
  if (x.waiting.empty())
    return;
  auto again = std::move(x.waiting);
  x.waiting.clear();
  for (auto record : again)
    x.produce(record);
}

size_t kafka_producer::records() const {
  return static_cast<size_t>(rd_kafka_outq_len(implementation_->client.get()));
}

size_t kafka_producer::batches() const { return implementation_->batches; }

void kafka_producer::flush(int timeout_ms) {
  rd_kafka_flush(implementation_->client.get(), timeout_ms);
}

} // namespace tickerflow
