#include "io/doctor/doctor.hpp"
#include "io/doctor/kafka_view.hpp"
#include "io/reach/reach.hpp"
#include "io/settings/parse.hpp"

#include <algorithm>
#include <cstdlib>

namespace tickerflow {

namespace {

/// Checks what needs only TCP.
/// @returns whether any bootstrap server was reached
bool check_ports(group_report& report, const kafka_settings& x) {
  auto servers = parse_brokers(x.brokers);
  auto reached = 0;
  std::vector<std::pair<std::string, std::string>> missed;
  for (auto& server : servers) {
    auto result = connect_to(server, doctor_patience);
    if (result.fault == reach_fault::none) {
      ++reached;
      report.ok("port " + to_string(server), "reached " + result.address);
    } else {
      missed.emplace_back(to_string(server), result.cause);
    }
  }
  // One is enough to find the others: a missing one is no failure then.
  for (auto& [name, cause] : missed) {
    auto fix = "start Kafka (docker compose up -d kafka), or set kafka "
               "(TICKERFLOW_KAFKA) to where it is";
    if (reached == 0)
      report.fail("port " + name, cause, fix);
    else
      report.warn("port " + name, cause, fix);
  }
  return reached > 0;
}

/// @returns whether every broker was reached where it says it is
bool check_listeners(group_report& report, const kafka_metadata& found) {
  auto all = true;
  for (auto& [id, where] : found.brokers) {
    auto name = "broker " + std::to_string(id);
    auto result = connect_to(where, doctor_patience);
    all = all && result.fault == reach_fault::none;
    if (result.fault == reach_fault::none)
      report.ok(name, "advertises " + to_string(where) + ", reached");
    else
      report.fail(name,
                  "advertises " + to_string(where)
                      + ", which cannot be reached from here: " + result.cause,
                  "set the broker's advertised.listeners to an address that "
                  "this machine reaches (in Compose: one listener for "
                  "services, kafka:9092, and one for the host, "
                  "localhost:9094), and kafka (TICKERFLOW_KAFKA) to the one "
                  "meant for here");
  }
  return all;
}

std::string span_text(long long ms) {
  constexpr long long hour = 3'600'000;
  if (ms % (24 * hour) == 0)
    return std::to_string(ms / (24 * hour)) + " d";
  if (ms % hour == 0)
    return std::to_string(ms / hour) + " h";
  return std::to_string(ms) + " ms";
}

/// Checks the settings that can lose records.
void check_config(group_report& report, kafka_view& view,
                  const std::string& topic, int replicas) {
  auto config = view.config_of(topic);
  auto name = "settings of " + topic;
  if (!config.fault.empty()) {
    report.warn(name, "cannot be read: " + config.fault,
                "allow DescribeConfigs on the topic to this user, or check "
                "retention.ms and min.insync.replicas by hand");
    return;
  }
  auto retention_ms = std::atoll(config.values["retention.ms"].c_str());
  auto in_sync = std::atoi(config.values["min.insync.replicas"].c_str());
  auto policy = config.values["cleanup.policy"];
  auto good = true;
  auto bad = [&](bool fatal, const std::string& cause, const std::string& fix) {
    good = false;
    fatal ? report.fail(name, cause, fix) : report.warn(name, cause, fix);
  };
  auto alter = "kafka-configs.sh --alter --entity-type topics --entity-name "
               + topic + " --add-config ";
  if (policy.find("compact") != std::string::npos)
    bad(true, "cleanup.policy=" + policy + " drops all but a ticker's last bar",
        alter + "cleanup.policy=delete");
  if (in_sync > replicas)
    bad(true,
        "min.insync.replicas=" + std::to_string(in_sync) + " but "
            + std::to_string(replicas) + " copies: every write is refused",
        alter + "min.insync.replicas=" + std::to_string(std::max(replicas, 1)));
  else if (replicas >= 3 && in_sync < 2)
    bad(false,
        "min.insync.replicas=1: one broker's loss can lose confirmed records",
        alter + "min.insync.replicas=2");
  if (retention_ms >= 0 && retention_ms < 24 * 3'600'000LL)
    bad(false,
        "retention.ms=" + std::to_string(retention_ms)
            + ": bars that no worker read within " + span_text(retention_ms)
            + " are gone",
        alter + "retention.ms=604800000");
  if (good)
    report.ok(name, "retention "
                        + (retention_ms < 0 ? std::string{"without end"}
                                            : span_text(retention_ms))
                        + ", min.insync.replicas " + std::to_string(in_sync));
}

void check_partitions(group_report& report, const std::string& topic,
                      const std::vector<kafka_partition>& x, int wanted) {
  auto name = "topic " + topic;
  auto count = static_cast<int>(x.size());
  auto headless = std::count_if(x.begin(), x.end(),
                                [](auto& one) { return one.leader < 0; });
  auto thin = std::count_if(
      x.begin(), x.end(), [](auto& one) { return one.in_sync < one.replicas; });
  auto text = "partitions: " + std::to_string(count) + ", copies of each: "
              + std::to_string(x.empty() ? 0 : x.front().replicas);
  if (headless > 0)
    report.fail(name, std::to_string(headless) + " partitions have no leader",
                "start the missing brokers");
  else if (wanted > 0 && count != wanted)
    report.fail(name,
                "has " + std::to_string(count) + " partition(s), but shards is "
                    + std::to_string(wanted)
                    + ": tickers would be looked for in wrong partitions",
                "set shards (TICKERFLOW_SHARDS) to " + std::to_string(count)
                    + "; or use another, new topic (kafka_topic_raw)");
  else if (thin > 0)
    report.warn(name, std::to_string(thin) + " partitions miss an in-sync copy",
                "start the missing brokers");
  else
    report.ok(name, text);
}

/// @param reachable whether questions to brokers can be answered at all
void check_topic(group_report& report, kafka_view& view,
                 const kafka_metadata& found, const std::string& topic,
                 const kafka_settings& x, bool reachable) {
  auto is_raw = topic == x.topic_raw;
  auto i = found.topics.find(topic);
  if (i != found.topics.end() && !i->second.empty()) {
    check_partitions(report, topic, i->second, is_raw ? x.shards : 0);
    if (is_raw && reachable)
      check_config(report, view, topic, i->second.front().replicas);
    return;
  }
  auto name = "topic " + topic;
  if (!reachable) {
    report.warn(name, "is not there; whether it may be made is not known",
                "mend the broker's address first");
    return;
  }
  // Too many copies is a finding of its own: here the right is asked for.
  auto copies = std::min(x.replication, static_cast<int>(found.brokers.size()));
  auto why = view.cannot_create(topic, x.shards, copies);
  if (why.empty())
    report.ok(name, "is not there yet; this user may make it");
  else
    report.fail(name, "is not there and cannot be made: " + why,
                "let an administrator make it: kafka-topics.sh --create "
                "--topic "
                    + topic + " --partitions " + std::to_string(x.shards)
                    + " --replication-factor " + std::to_string(copies)
                    + "; or allow Create to this user");
}

} // namespace

findings check_kafka(const settings& x) {
  group_report report{"Kafka"};
  if (!check_ports(report, x.kafka))
    return report.take(); // the client would only say the same, later
  kafka_view view{x.kafka, doctor_patience};
  if (!view.fault().empty()) {
    report.fail("client", view.fault(),
                "correct kafka_properties (TICKERFLOW_KAFKA_PROPERTIES); "
                "librdkafka's CONFIGURATION.md lists the names");
    return report.take();
  }
  auto found = view.metadata();
  if (!found.fault.empty()) {
    report.fail("metadata", found.fault,
                "the port is open but gives no metadata: is it Kafka's, does "
                "it want TLS or SASL (kafka_properties), does the log of the "
                "broker say more?");
    return report.take();
  }
  auto brokers = static_cast<int>(found.brokers.size());
  report.ok("metadata", "brokers: " + std::to_string(brokers) + ", topics: "
                            + std::to_string(found.topics.size()));
  if (x.kafka.replication > brokers)
    report.fail("replication",
                "kafka_replication is " + std::to_string(x.kafka.replication)
                    + ", but there are " + std::to_string(brokers) + " brokers",
                "set kafka_replication (TICKERFLOW_KAFKA_REPLICATION) to "
                    + std::to_string(brokers) + " or less");
  auto reachable = check_listeners(report, found);
  for (auto topic : {x.kafka.topic_raw, x.kafka.topic_processed,
                     x.kafka.topic_alerts, x.kafka.topic_dead_letters})
    check_topic(report, view, found, topic, x.kafka, reachable);
  return report.take();
}

} // namespace tickerflow
