#include "io/kafka/client.hpp"

#include <spdlog/spdlog.h>

#include <atomic>
#include <mutex>
#include <set>

namespace tickerflow {

namespace {

/// Brokers that are away are told once, and once more when they are back:
/// librdkafka itself reports each attempt.
class outage_log {
public:
  void lost(const std::string& brokers, const char* reason) {
    if (!lost_.exchange(true))
      spdlog::error("event=kafka_lost brokers={} reason=\"{}\" hint=\"is Kafka "
                    "running, is TICKERFLOW_KAFKA right? retrying\"",
                    brokers, reason);
  }

  bool is_lost() const { return lost_; }

  void back(const std::string& brokers) {
    if (lost_.exchange(false))
      spdlog::info("event=kafka_back brokers={}", brokers);
  }

private:
  std::atomic<bool> lost_{false};
};

outage_log& outages() {
  static outage_log instance;
  return instance;
}

std::string brokers_of(const rd_kafka_t* client) {
  char text[512];
  size_t size = sizeof text;
  if (rd_kafka_conf_get(rd_kafka_conf(const_cast<rd_kafka_t*>(client)),
                        "bootstrap.servers", text, &size)
      != RD_KAFKA_CONF_OK)
    return "?";
  return text;
}

void on_error(rd_kafka_t* client, int code, const char* reason, void*) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
      outages().lost(brokers_of(client), reason);
      break;
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
      spdlog::debug("event=kafka_connection_failed reason=\"{}\"", reason);
      break;
    default:
      spdlog::error("event=kafka_error code={} reason=\"{}\"",
                    rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code)),
                    reason);
  }
}

void on_log(const rd_kafka_t*, int level, const char* facility,
            const char* text) {
  // Connection trouble comes through on_error as well; the rest is of use when
  // someone looks for a cause.
  if (level <= 2)
    spdlog::error("event=kafka_log facility={} text=\"{}\"", facility, text);
  else
    spdlog::debug("event=kafka_log facility={} text=\"{}\"", facility, text);
}

} // namespace

caf::expected<kafka_handle>
make_client(rd_kafka_type_t type, const kafka_options& options,
            const std::vector<std::pair<std::string, std::string>>& extra,
            void (*delivered)(rd_kafka_t*, const rd_kafka_message_t*, void*),
            void* opaque) {
  auto conf = rd_kafka_conf_new();
  char reason[512];
  auto set = [&](const std::string& key, const std::string& value) {
    return rd_kafka_conf_set(conf, key.c_str(), value.c_str(), reason,
                             sizeof reason)
           == RD_KAFKA_CONF_OK;
  };
  auto refuse = [&](const std::string& key) {
    rd_kafka_conf_destroy(conf);
    return failure(errc::bad_setting, "Kafka property " + key
                                          + " is refused: " + reason
                                          + " (check TICKERFLOW_KAFKA and "
                                            "TICKERFLOW_KAFKA_PROPERTIES)");
  };
  std::vector<std::pair<std::string, std::string>> all{
      {"bootstrap.servers", options.brokers},
      {"client.id", options.client_id},
      {"reconnect.backoff.ms", "100"},
      {"reconnect.backoff.max.ms", "2000"},
  };
  all.insert(all.end(), options.properties.begin(), options.properties.end());
  all.insert(all.end(), extra.begin(), extra.end());
  for (auto& [key, value] : all)
    if (!set(key, value))
      return refuse(key);
  rd_kafka_conf_set_error_cb(conf, on_error);
  rd_kafka_conf_set_log_cb(conf, on_log);
  rd_kafka_conf_set_opaque(conf, opaque);
  if (delivered)
    rd_kafka_conf_set_dr_msg_cb(conf, delivered);
  auto client = rd_kafka_new(type, conf, reason, sizeof reason);
  if (!client)
    return refuse("set");
  return kafka_handle{client, rd_kafka_destroy};
}

void kafka_answered(rd_kafka_t* client) {
  if (outages().is_lost())
    outages().back(brokers_of(client));
}

caf::error kafka_error(rd_kafka_resp_err_t code, const std::string& what) {
  std::string text = what + ": " + rd_kafka_err2str(code);
  switch (code) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      return failure(errc::refused,
                     text
                         + " (check TICKERFLOW_KAFKA_PROPERTIES and the "
                           "broker's ACLs)");
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return failure(errc::unavailable,
                     text
                         + " (the master makes the topics; is it running on "
                           "the same Kafka?)");
    default:
      return failure(errc::unavailable,
                     text + " (is Kafka running, is TICKERFLOW_KAFKA right?)");
  }
}

} // namespace tickerflow
