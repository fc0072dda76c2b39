#include "io/kafka/record_search.hpp"

#include "io/kafka/client.hpp"

namespace tickerflow {

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr auto patience = 4s;
constexpr int most_records = 50'000;
constexpr int call_timeout_ms = 3'000;

using message_ptr =
    std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)>;

using partition_list =
    std::unique_ptr<rd_kafka_topic_partition_list_t,
                    decltype(&rd_kafka_topic_partition_list_destroy)>;

partition_list one_partition(const record_wish& x, std::int64_t offset) {
  partition_list result{rd_kafka_topic_partition_list_new(1),
                        rd_kafka_topic_partition_list_destroy};
  rd_kafka_topic_partition_list_add(result.get(), x.topic.c_str(), x.partition)
      ->offset = offset;
  return result;
}

/// @returns the offset of the first record at or behind the time; -1: none
caf::expected<std::int64_t> offset_at(rd_kafka_t* client,
                                      const record_wish& x) {
  auto list = one_partition(x, x.from_ms);
  auto code = rd_kafka_offsets_for_times(client, list.get(), call_timeout_ms);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
    code = list->elems[0].err;
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return kafka_error(code, "the topic " + x.topic);
  return list->elems[0].offset;
}

bool has_key(const rd_kafka_message_t& x, const std::string& key) {
  return std::string_view{static_cast<const char*>(x.key), x.key_len} == key;
}

} // namespace

caf::expected<std::optional<found_record>>
find_record(const kafka_options& options, const record_wish& x) {
  auto client = make_client(RD_KAFKA_CONSUMER, options,
                            {{"group.id", "tickerflow-look"},
                             {"enable.auto.commit", "false"},
                             {"enable.partition.eof", "true"},
                             {"auto.offset.reset", "earliest"},
                             {"queued.max.messages.kbytes", "4096"}});
  if (!client)
    return std::move(client.error());
  rd_kafka_poll_set_consumer(client->get());
  auto start = offset_at(client->get(), x);
  if (!start)
    return std::move(start.error());
  std::optional<found_record> result;
  if (*start < 0)
    return result;
  auto list = one_partition(x, *start);
  auto code = rd_kafka_assign(client->get(), list.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return kafka_error(code, "the topic " + x.topic);
  auto end = steady::now() + patience;
  for (int seen = 0; seen < most_records && steady::now() < end;) {
    message_ptr m{rd_kafka_consumer_poll(client->get(), 100),
                  rd_kafka_message_destroy};
    if (!m)
      continue;
    if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
      break;
    if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR)
      return kafka_error(m->err, "the topic " + x.topic);
    ++seen;
    rd_kafka_timestamp_type_t kind;
    auto at_ms = rd_kafka_message_timestamp(m.get(), &kind);
    if (at_ms > x.to_ms)
      break;
    std::string_view value{static_cast<const char*>(m->payload), m->len};
    if (has_key(*m, x.key) && x.fits(value))
      result = found_record{m->offset, at_ms, std::string{value}};
  }
  rd_kafka_consumer_close(client->get());
  return result;
}

namespace {

/// What the brokers said of the one record.
struct delivery {
  bool done = false;
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  record_place place;
};

void on_delivered(rd_kafka_t*, const rd_kafka_message_t* m, void* opaque) {
  auto& x = *static_cast<delivery*>(opaque);
  x.done = true;
  x.code = m->err;
  x.place = {m->partition, m->offset};
}

} // namespace

caf::expected<record_place> produce_record(const kafka_options& options,
                                           const std::string& topic,
                                           const std::string& key,
                                           const std::string& value) {
  delivery word;
  auto client = make_client(RD_KAFKA_PRODUCER, options,
                            {{"enable.idempotence", "true"},
                             {"acks", "all"},
                             {"partitioner", "murmur2_random"},
                             {"message.timeout.ms", "10000"},
                             {"message.max.bytes", "2097152"}},
                            on_delivered, &word);
  if (!client)
    return std::move(client.error());
  auto code = rd_kafka_producev(
      client->get(), RD_KAFKA_V_TOPIC(topic.c_str()),
      RD_KAFKA_V_KEY(key.data(), key.size()),
      RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return kafka_error(code, "a record for topic " + topic);
  for (auto end = steady::now() + 12s; !word.done && steady::now() < end;)
    rd_kafka_poll(client->get(), 100);
  if (!word.done)
    word.code = RD_KAFKA_RESP_ERR__TIMED_OUT;
  if (word.code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    // Its report must not come when `word` is gone.
    rd_kafka_purge(client->get(),
                   RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(client->get(), 1000);
    return kafka_error(word.code, "a record for topic " + topic);
  }
  return word.place;
}

} // namespace tickerflow
