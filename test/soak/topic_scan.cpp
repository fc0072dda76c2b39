#include "test/soak/topic_scan.hpp"

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <memory>
#include <stdexcept>

namespace tickerflow::soak {

namespace {

constexpr int answer_ms = 10'000;

using client = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;

client make_consumer(const std::string& brokers) {
  auto conf = rd_kafka_conf_new();
  char reason[256];
  for (auto [key, value] :
       {std::pair<const char*, const char*>{"bootstrap.servers",
                                            brokers.c_str()},
        {"group.id", "soak"}, // needed by assign(), never joined
        {"enable.auto.commit", "false"},
        {"log_level", "2"}})
    rd_kafka_conf_set(conf, key, value, reason, sizeof reason);
  auto result = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof reason);
  if (!result)
    throw std::runtime_error(reason);
  return {result, rd_kafka_destroy};
}

[[noreturn]] void fail(const std::string& topic, rd_kafka_resp_err_t code) {
  throw std::runtime_error("topic " + topic
                           + " cannot be read: " + rd_kafka_err2str(code));
}

std::map<std::int32_t, std::int64_t> ends_of(rd_kafka_t* x,
                                             const std::string& topic) {
  auto handle = rd_kafka_topic_new(x, topic.c_str(), nullptr);
  const rd_kafka_metadata_t* metadata = nullptr;
  auto code = rd_kafka_metadata(x, 0, handle, &metadata, answer_ms);
  rd_kafka_topic_destroy(handle);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    fail(topic, code);
  auto count = metadata->topics[0].partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  std::map<std::int32_t, std::int64_t> result;
  for (std::int32_t i = 0; i < count; ++i) {
    std::int64_t first = 0;
    std::int64_t end = 0;
    code = rd_kafka_query_watermark_offsets(x, topic.c_str(), i, &first, &end,
                                            answer_ms);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
      fail(topic, code);
    result[i] = end;
  }
  return result;
}

void read_headers(rd_kafka_message_t* message, scanned_record& out) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return;
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size)
                     == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i)
    out.headers[name].assign(static_cast<const char*>(value), size);
}

} // namespace

std::map<std::int32_t, std::int64_t> topic_ends(const std::string& brokers,
                                                const std::string& topic) {
  auto x = make_consumer(brokers);
  return ends_of(x.get(), topic);
}

std::map<std::int32_t, std::int64_t>
scan_topic(const std::string& brokers, const std::string& topic,
           const std::function<void(const scanned_record&)>& f) {
  auto x = make_consumer(brokers);
  auto ends = ends_of(x.get(), topic);
  auto wanted = rd_kafka_topic_partition_list_new(1);
  size_t open = 0;
  for (auto& [partition, end] : ends)
    if (end > 0) {
      rd_kafka_topic_partition_list_add(wanted, topic.c_str(), partition)
          ->offset = 0;
      ++open;
    }
  rd_kafka_assign(x.get(), wanted);
  rd_kafka_topic_partition_list_destroy(wanted);
  int silent = 0;
  while (open > 0) {
    auto message = rd_kafka_consumer_poll(x.get(), 1000);
    if (!message) {
      if (++silent > 30)
        throw std::runtime_error("topic " + topic + " cannot be read whole");
      continue;
    }
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      silent = 0;
      scanned_record record;
      record.partition = message->partition;
      record.offset = message->offset;
      record.key = {static_cast<const char*>(message->key), message->key_len};
      record.value = {static_cast<const char*>(message->payload), message->len};
      read_headers(message, record);
      f(record);
      if (record.offset + 1 == ends[record.partition])
        --open;
    }
    rd_kafka_message_destroy(message);
  }
  rd_kafka_consumer_close(x.get());
  return ends;
}

} // namespace tickerflow::soak
