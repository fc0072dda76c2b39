#include "io/kafka/topics.hpp"

#include "io/kafka/client.hpp"

#include <algorithm>
#include <map>
#include <thread>

namespace tickerflow {

namespace {

using partition_counts = std::map<std::string, std::int32_t>;

caf::expected<partition_counts> read_topics(rd_kafka_t* client,
                                            int timeout_ms) {
  const rd_kafka_metadata_t* metadata = nullptr;
  if (auto code = rd_kafka_metadata(client, 1, nullptr, &metadata, timeout_ms);
      code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return kafka_error(code, "Kafka's topics cannot be listed");
  partition_counts result;
  for (int i = 0; i < metadata->topic_cnt; ++i)
    if (metadata->topics[i].err == RD_KAFKA_RESP_ERR_NO_ERROR)
      result[metadata->topics[i].topic] = metadata->topics[i].partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  return result;
}

caf::error create_topic(rd_kafka_t* client, const topic_wish& wish,
                        int timeout_ms) {
  char reason[512];
  auto topic = rd_kafka_NewTopic_new(wish.name.c_str(), wish.partitions,
                                     wish.replication, reason, sizeof reason);
  if (!topic)
    return failure(errc::bad_setting,
                   "topic " + wish.name + " cannot be made: " + reason);
  for (auto& [key, value] : wish.settings)
    rd_kafka_NewTopic_set_config(topic, key.c_str(), value.c_str());
  auto queue = rd_kafka_queue_new(client);
  rd_kafka_CreateTopics(client, &topic, 1, nullptr, queue);
  auto event = rd_kafka_queue_poll(queue, timeout_ms);
  caf::error result;
  if (!event) {
    result = failure(errc::unavailable, "topic " + wish.name
                                            + " cannot be made: Kafka does not "
                                              "answer");
  } else if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    result = kafka_error(rd_kafka_event_error(event), "topic " + wish.name);
  } else {
    size_t count = 0;
    auto topics = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result(event), &count);
    for (size_t i = 0; i < count; ++i) {
      auto code = rd_kafka_topic_result_error(topics[i]);
      // Another master may be faster.
      if (code != RD_KAFKA_RESP_ERR_NO_ERROR
          && code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
        result = kafka_error(code, "topic " + wish.name + " cannot be made");
    }
  }
  if (event)
    rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(topic);
  return result;
}

} // namespace

caf::expected<kafka_facts> ensure_topics(const kafka_options& options,
                                         const std::vector<topic_wish>& wishes,
                                         std::chrono::milliseconds timeout) {
  auto client = make_client(RD_KAFKA_PRODUCER, options, {});
  if (!client)
    return client.error();
  auto handle = client->get();
  auto timeout_ms = static_cast<int>(timeout.count());
  auto known = read_topics(handle, timeout_ms);
  if (!known)
    return known.error();
  kafka_facts result;
  bool created = false;
  for (auto& wish : wishes) {
    auto topic = known->find(wish.name);
    if (topic != known->end()) {
      result.topics.push_back({wish.name, topic->second, false});
      continue;
    }
    if (auto error = create_topic(handle, wish, timeout_ms))
      return error;
    created = true;
    result.topics.push_back({wish.name, wish.partitions, true});
  }
  // A new topic may take a moment to show up everywhere.
  for (auto tries = 0; created && tries < 50; ++tries) {
    known = read_topics(handle, timeout_ms);
    if (known && std::all_of(wishes.begin(), wishes.end(), [&](auto& wish) {
          return known->count(wish.name) > 0;
        }))
      break;
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
  }
  if (auto id = rd_kafka_clusterid(handle, timeout_ms)) {
    result.cluster_id = id;
    rd_kafka_mem_free(handle, id);
  }
  return result;
}

} // namespace tickerflow
