#include "io/doctor/kafka_view.hpp"

#include <librdkafka/rdkafka.h>

#include <mutex>

namespace tickerflow {

namespace {

template <auto Free>
struct freed {
  template <class T>
  void operator()(T* x) const {
    Free(x);
  }
};

using conf_ptr = std::unique_ptr<rd_kafka_conf_t, freed<rd_kafka_conf_destroy>>;
using handle_ptr = std::unique_ptr<rd_kafka_t, freed<rd_kafka_destroy>>;
using queue_ptr =
    std::unique_ptr<rd_kafka_queue_t, freed<rd_kafka_queue_destroy>>;
using event_ptr =
    std::unique_ptr<rd_kafka_event_t, freed<rd_kafka_event_destroy>>;
using options_ptr = std::unique_ptr<rd_kafka_AdminOptions_t,
                                    freed<rd_kafka_AdminOptions_destroy>>;
using new_topic_ptr =
    std::unique_ptr<rd_kafka_NewTopic_t, freed<rd_kafka_NewTopic_destroy>>;
using resource_ptr = std::unique_ptr<rd_kafka_ConfigResource_t,
                                     freed<rd_kafka_ConfigResource_destroy>>;
using metadata_ptr = std::unique_ptr<const rd_kafka_metadata_t,
                                     freed<rd_kafka_metadata_destroy>>;

} // namespace

struct kafka_view::client {
  std::string fault;
  std::chrono::milliseconds patience{};
  std::mutex guard;       // librdkafka's threads log
  std::string last_error; // what the client said while it tried
  handle_ptr handle;      // last member: its threads use those above

  int patience_ms() const { return static_cast<int>(patience.count()); }

  bool set(rd_kafka_conf_t* conf, const std::string& name,
           const std::string& value) {
    char text[512];
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text, sizeof(text))
        == RD_KAFKA_CONF_OK)
      return true;
    // The text can quote the value, which can be a secret.
    fault = "librdkafka refuses the property \"" + name + '"';
    return false;
  }

  void make(const kafka_settings& options) {
    conf_ptr conf{rd_kafka_conf_new()};
    auto timeout = std::to_string(patience.count());
    rd_kafka_conf_set_opaque(conf.get(), this);
    rd_kafka_conf_set_log_cb(
        conf.get(), [](const rd_kafka_t*, int, const char*, const char*) {
          // Our findings say what matters.
        });
    rd_kafka_conf_set_error_cb(
        conf.get(), [](rd_kafka_t*, int, const char* text, void* opaque) {
          auto self = static_cast<client*>(opaque);
          std::lock_guard lock{self->guard};
          // "all brokers are down" hides the reason that came before it.
          std::string_view what{text};
          if (what.find("brokers are down") == std::string_view::npos)
            self->last_error = what;
        });
    if (!set(conf.get(), "bootstrap.servers", options.brokers)
        || !set(conf.get(), "client.id", "tickerflow-doctor")
        || !set(conf.get(), "socket.connection.setup.timeout.ms", timeout))
      return;
    for (auto& [name, value] : options.properties)
      if (!set(conf.get(), name, value))
        return;
    char text[512];
    handle.reset(
        rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), text, sizeof(text)));
    if (handle)
      conf.release(); // now the handle's
    else
      fault = std::string{"the client cannot start: "} + text;
  }

  /// Waits for the answer of an admin call.
  event_ptr answer(rd_kafka_queue_t* queue) {
    return event_ptr{rd_kafka_queue_poll(queue, patience_ms())};
  }

  options_ptr admin_options(rd_kafka_admin_op_t kind) {
    options_ptr result{rd_kafka_AdminOptions_new(handle.get(), kind)};
    char text[256];
    rd_kafka_AdminOptions_set_request_timeout(result.get(), patience_ms(), text,
                                              sizeof(text));
    return result;
  }

  std::string why(rd_kafka_resp_err_t code) {
    rd_kafka_poll(handle.get(), 0); // serves the error callback
    std::lock_guard lock{guard};
    std::string text = rd_kafka_err2str(code);
    return last_error.empty() ? text : text + " (" + last_error + ")";
  }
};

kafka_view::kafka_view(const kafka_settings& options,
                       std::chrono::milliseconds patience)
    : client_(std::make_unique<client>()) {
  client_->patience = patience;
  client_->make(options);
}

kafka_view::~kafka_view() = default;

const std::string& kafka_view::fault() const { return client_->fault; }

kafka_metadata kafka_view::metadata() {
  kafka_metadata result;
  const rd_kafka_metadata_t* raw = nullptr;
  auto code = rd_kafka_metadata(client_->handle.get(), 1, nullptr, &raw,
                                client_->patience_ms());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    result.fault = client_->why(code);
    return result;
  }
  metadata_ptr found{raw};
  for (int i = 0; i < found->broker_cnt; ++i) {
    auto& x = found->brokers[i];
    result.brokers[x.id] = {x.host, static_cast<std::uint16_t>(x.port)};
  }
  for (int i = 0; i < found->topic_cnt; ++i) {
    auto& topic = found->topics[i];
    auto& partitions = result.topics[topic.topic];
    for (int j = 0; j < topic.partition_cnt; ++j) {
      auto& x = topic.partitions[j];
      partitions.push_back({x.leader, x.replica_cnt, x.isr_cnt});
    }
  }
  return result;
}

topic_config kafka_view::config_of(const std::string& topic) {
  topic_config result;
  auto options = client_->admin_options(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
  resource_ptr resource{
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str())};
  queue_ptr queue{rd_kafka_queue_new(client_->handle.get())};
  auto asked = resource.get();
  rd_kafka_DescribeConfigs(client_->handle.get(), &asked, 1, options.get(),
                           queue.get());
  auto event = client_->answer(queue.get());
  if (!event || rd_kafka_event_error(event.get()) != 0) {
    result.fault =
        event ? rd_kafka_event_error_string(event.get()) : "no answer";
    return result;
  }
  std::size_t count = 0;
  auto found = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (rd_kafka_ConfigResource_error(found[i]) != 0) {
      result.fault = rd_kafka_ConfigResource_error_string(found[i]);
      return result;
    }
    std::size_t entries = 0;
    auto values = rd_kafka_ConfigResource_configs(found[i], &entries);
    for (std::size_t j = 0; j < entries; ++j)
      if (auto text = rd_kafka_ConfigEntry_value(values[j]))
        result.values[rd_kafka_ConfigEntry_name(values[j])] = text;
  }
  return result;
}

std::string kafka_view::cannot_create(const std::string& topic, int partitions,
                                      int replication) {
  char text[512];
  new_topic_ptr wanted{rd_kafka_NewTopic_new(topic.c_str(), partitions,
                                             replication, text, sizeof(text))};
  if (!wanted)
    return text;
  auto options = client_->admin_options(RD_KAFKA_ADMIN_OP_CREATETOPICS);
  if (rd_kafka_AdminOptions_set_validate_only(options.get(), 1, text,
                                              sizeof(text))
      != RD_KAFKA_RESP_ERR_NO_ERROR)
    return text; // never go on: without it the topic would be made
  queue_ptr queue{rd_kafka_queue_new(client_->handle.get())};
  auto asked = wanted.get();
  rd_kafka_CreateTopics(client_->handle.get(), &asked, 1, options.get(),
                        queue.get());
  auto event = client_->answer(queue.get());
  if (!event)
    return "no answer";
  if (rd_kafka_event_error(event.get()) != 0)
    return rd_kafka_event_error_string(event.get());
  std::size_t count = 0;
  auto found = rd_kafka_CreateTopics_result_topics(
      rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    auto code = rd_kafka_topic_result_error(found[i]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
      continue;
    auto why = rd_kafka_topic_result_error_string(found[i]);
    return why != nullptr ? why : rd_kafka_err2str(code);
  }
  return {};
}

} // namespace tickerflow
