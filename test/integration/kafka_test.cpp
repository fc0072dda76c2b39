#define CAF_SUITE kafka

#include "test/integration/test_database.hpp"

#include "io/kafka/producer.hpp"
#include "io/kafka/reader.hpp"
#include "io/kafka/topics.hpp"
#include "market/shard.hpp"

#include <caf/test/unit_test.hpp>

#include <thread>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

struct fixture {
  kafka_options kafka;
  std::string topic;

  fixture() {
    static int count = 0;
    kafka.brokers = server_address("TICKERFLOW_TEST_KAFKA");
    topic =
        "test_" + std::to_string(::getpid()) + '_' + std::to_string(++count);
  }

  void make_topic(std::int32_t partitions) {
    auto made = ensure_topics(
        kafka, {{topic, partitions, 1, {{"max.message.bytes", "100000"}}}},
        10s);
    CAF_REQUIRE(made);
    CAF_CHECK_EQUAL(made->topics[0].partitions, partitions);
    CAF_CHECK(!made->cluster_id.empty());
  }

  caf::expected<std::int64_t> produce(std::vector<outgoing_record> records) {
    auto uut = kafka_producer::make(kafka, -1);
    CAF_REQUIRE(uut);
    auto batch = std::make_shared<outgoing_batch>();
    batch->records = std::move(records);
    bool answered = false;
    caf::expected<std::int64_t> result = std::int64_t{-1};
    (*uut)->send(batch, [&](caf::expected<std::int64_t> x) {
      result = std::move(x);
      answered = true;
    });
    for (int i = 0; i < 3000 && !answered; ++i) {
      (*uut)->poll();
      std::this_thread::sleep_for(10ms);
    }
    return result;
  }

  std::vector<std::string> read(std::int32_t partition, std::int64_t offset,
                                size_t count) {
    auto uut = kafka_reader::make({kafka, topic, 1024, 100});
    CAF_REQUIRE(uut);
    CAF_REQUIRE(!(*uut)->open(partition, offset));
    std::vector<std::string> result;
    for (int i = 0; i < 1000 && result.size() < count; ++i) {
      auto batch = (*uut)->take(partition);
      CAF_REQUIRE(batch);
      for (auto& x : batch->records) {
        CAF_CHECK_EQUAL(x.offset,
                        offset + static_cast<std::int64_t>(result.size()));
        result.emplace_back(x.value);
      }
      (*uut)->wait(10ms);
    }
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(kafka_tests, fixture)

CAF_TEST(records are read back in order from any offset) {
  make_topic(1);
  std::vector<outgoing_record> records;
  for (int i = 0; i < 500; ++i)
    records.push_back({topic, "TSLA", std::to_string(i)});
  auto done = produce(records);
  CAF_REQUIRE(done);
  CAF_CHECK_EQUAL(*done, 500);
  auto all = read(0, 0, 500);
  CAF_REQUIRE_EQUAL(all.size(), 500u);
  CAF_CHECK_EQUAL(all[499], "499");
  CAF_CHECK(read(0, 490, 10).front() == "490");
}

CAF_TEST(a symbol goes to the partition that every client gives it) {
  make_topic(4);
  std::vector<outgoing_record> records;
  for (auto symbol : {"TSLA", "MSFT", "GOOGL", "AAPL", "IBM"})
    records.push_back({topic, symbol, symbol});
  CAF_REQUIRE(produce(records));
  for (auto& x : records) {
    auto partition = shard_of(x.key, 4);
    size_t there = 0;
    for (auto& y : records)
      there += shard_of(y.key, 4) == partition;
    auto found = read(partition, 0, there);
    CAF_CHECK(std::find(found.begin(), found.end(), x.key) != found.end());
  }
}

CAF_TEST(an offset that the topic does not hold is an error and not a skip) {
  make_topic(1);
  CAF_REQUIRE(produce({{topic, "TSLA", "x"}, {topic, "TSLA", "y"}}));
  auto uut = kafka_reader::make({kafka, topic, 1024, 100});
  CAF_REQUIRE(uut);
  CAF_REQUIRE(!(*uut)->open(0, 5000));
  std::optional<offset_range> range;
  for (int i = 0; i < 1000 && !range; ++i) {
    auto batch = (*uut)->take(0);
    if (!batch)
      range = available_range(batch.error());
    else
      CAF_CHECK(batch->records.empty());
    (*uut)->wait(10ms);
  }
  CAF_REQUIRE(range);
  CAF_CHECK_EQUAL(range->first, 0);
  CAF_CHECK_EQUAL(range->end, 2);
}

CAF_TEST(a record that the broker finds too large is sent shortened) {
  make_topic(1);
  // Of 300 kB the topic takes 100: shortened to 256 kB, and then to 64.
  CAF_REQUIRE(
      produce({{topic, std::string(5'000, 'k'), std::string(300'000, 'x')}}));
  auto tight = read(0, 0, 1);
  CAF_REQUIRE_EQUAL(tight.size(), 1u);
  CAF_CHECK_EQUAL(tight[0].size(), 64u * 1024u);
  auto roomy = topic + "_roomy";
  CAF_REQUIRE(ensure_topics(
      kafka, {{roomy, 1, 1, {{"max.message.bytes", "270000"}}}}, 10s));
  topic = roomy;
  auto done = produce({{topic, "TSLA", std::string(300'000, 'x')}});
  CAF_REQUIRE(done);
  auto found = read(0, 0, 1);
  CAF_REQUIRE_EQUAL(found.size(), 1u);
  CAF_CHECK_EQUAL(found[0].size(), 256u * 1024u);
}

CAF_TEST(topics that exist are left as they are) {
  make_topic(3);
  auto again = ensure_topics(kafka, {{topic, 5, 1, {}}}, 10s);
  CAF_REQUIRE(again);
  CAF_CHECK(!again->topics[0].created);
  CAF_CHECK_EQUAL(again->topics[0].partitions, 3);
}

CAF_TEST(an absent broker and a wrong property are told apart) {
  auto absent = kafka;
  absent.brokers = "127.0.0.1:9";
  auto none = ensure_topics(absent, {{topic, 1, 1, {}}}, 1s);
  CAF_REQUIRE(!none);
  CAF_CHECK(none.error() == errc::unavailable);
  CAF_CHECK_NOT_EQUAL(text_of(none.error()).find("TICKERFLOW_KAFKA"),
                      std::string::npos);
  auto wrong = kafka;
  wrong.properties = {{"no.such.property", "x"}};
  auto bad = ensure_topics(wrong, {}, 1s);
  CAF_REQUIRE(!bad);
  CAF_CHECK(bad.error() == errc::bad_setting);
}

CAF_TEST_FIXTURE_SCOPE_END()
