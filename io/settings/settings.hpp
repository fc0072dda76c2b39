#pragma once

#include "market/exchange_time.hpp" // for bar_label

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickerflow {

/// Where a TCP server is; an IPv6 address is without its brackets.
struct endpoint {
  std::string host;
  std::uint16_t port = 0;
};

/// @returns "host:port", "[::1]:port"
std::string to_string(const endpoint& x);

/// Alpha Vantage and how it is asked.
struct api_settings {
  std::string key; // secret; empty = none
  std::string url;
  std::string ca_file;      // a further trust anchor (PEM); empty = none
  int calls_per_minute = 0; // 0 = no limit
  int calls_per_day = 0;    // 0 = no limit
  std::chrono::milliseconds timeout{};
  bar_label label = bar_label::start;
  std::string entitlement; // "", "delayed", "realtime"
  bool extended_hours = true;
  int backfill_months = 0;
  std::chrono::milliseconds poll_interval{};
  std::chrono::minutes interval{};
};

struct kafka_settings {
  std::string brokers; // bootstrap servers: host:port,host:port
  std::string topic_raw;
  std::string topic_processed;
  std::string topic_alerts;
  std::string topic_dead_letters;
  int shards = 0; // partitions of the raw topic
  int replication = 0;
  bool reset_offsets = false; // the stored ones belong to another cluster
  /// For librdkafka as they are (TLS, SASL); values can be secret.
  std::vector<std::pair<std::string, std::string>> properties;
};

struct postgres_settings {
  std::string dsn; // complete, with the password: secret
  std::string host;
  std::string user;
  std::string password; // secret
  std::string database;
  int port = 0;
};

struct cluster_settings {
  /// Where workers and the command line look for the master that leads.
  std::vector<endpoint> masters;
  endpoint listen; // what a master listens on
  std::string node;
  int weight = 1; // of a worker: its share of the shards
  std::chrono::milliseconds beat_interval{};
  std::chrono::milliseconds suspect_after{};
  std::chrono::milliseconds dead_after{};
  // PEM files that encrypt the links between nodes: all three, or none.
  std::string tls_cert;
  std::string tls_key;
  std::string tls_ca;
  bool insecure_links = false; // a master may listen to others without them
};

/// Where a master serves the console, and how the command line asks it.
struct console_settings {
  std::string url;
  std::string ca_file; // a further trust anchor (PEM); empty = none
  std::string token;   // secret; empty = the one in token_file
  std::string token_file;
  std::optional<endpoint> listen; // nothing: no console
  std::string viewer_token_file;
  std::string certificate; // PEM files; both empty = no TLS
  std::string key;
  std::vector<std::string> hosts; // further names of it
};

struct batch_settings {
  int max_bars = 0;
  std::chrono::milliseconds linger{};
};

struct log_settings {
  std::string level;  // trace, debug, info, warn, error, off
  std::string format; // text, json
};

/// Where a value came from, for people: "flag --shards", "default".
struct setting_origin {
  enum class source : std::uint8_t {
    built_in,
    file,
    dotenv,
    environment,
    flag,
  };
  source from = source::built_in;
  std::string place; // the flag's or variable's name, the file's path
};

std::string to_string(const setting_origin& x);

struct setting; // its declaration: see declaration.hpp

/// One setting as it stands now.
struct setting_value {
  const setting* declared = nullptr; // in the table: lives as long as we do
  std::string text;                  // unmasked: show() masks
  setting_origin origin;
};

/// All settings of a process, checked. Only load_settings() makes it.
struct settings {
  std::vector<std::string> tickers; // upper case, no doubles
  api_settings api;
  kafka_settings kafka;
  postgres_settings postgres;
  cluster_settings cluster;
  console_settings console;
  batch_settings batch;
  log_settings log;
  std::optional<endpoint> metrics_listen; // nothing: neither metrics nor probes
  std::string data_dir;

  std::vector<setting_value> values; // in the order of the table
  /// What is legal but surprising, a text for people each.
  std::vector<std::string> notes;
};

/// @returns whether nobody has set it
bool is_default(const settings& x, std::string_view key);

/// @returns every text that must not be seen: API key, passwords, also as they
///          stand in URLs. For the log's redaction.
std::vector<std::string> secrets_of(const settings& x);

} // namespace tickerflow
