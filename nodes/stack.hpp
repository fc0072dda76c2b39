#pragma once

#include "nodes/launch.hpp"

#include "io/local_servers/child_process.hpp"
#include "messages/errc.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tickerflow {

class embedded_kafka;
class kafka_server;
class postgres_server;

/// The servers and nodes of one machine, as processes of one launcher.
class stack {
public:
  stack(const settings& x, launch_options options, std::string folder);
  ~stack();

  /// Starts all; tells what it does. Ends early when a stop signal comes.
  caf::error start();

  bool interrupted() const { return interrupted_; }

  /// What runs where, and what to try next.
  void print_overview() const;

  /// Restarts nodes that died, with backoff.
  /// @returns why all of it has to stop: a server died, a node dies again and
  ///          again
  caf::error look_after();

  /// Workers hand over, then the master: PostgreSQL is still there.
  void stop_nodes();

  void stop();

  const std::string& postgres_dsn() const { return dsn_; }
  const std::vector<std::string>& tickers() const { return tickers_; }

private:
  struct node {
    std::string name;
    std::string what; // for the overview
    std::vector<std::string> arguments;
    std::map<std::string, std::string> environment;
    std::unique_ptr<child_process> process;
    int restarts = 0;
    std::chrono::steady_clock::time_point started;
    std::chrono::steady_clock::time_point restart_at;
  };

  caf::error start_servers();
  caf::error wait_until_ready();
  caf::error start_nodes();
  caf::error start_node(node& x);
  std::map<std::string, std::string> node_environment() const;
  std::string log_of(const std::string& name) const;
  std::string database_password();
  caf::error prepare_console();

  const settings& settings_;
  launch_options options_;
  std::string folder_;
  std::vector<std::string> tickers_;
  std::string brokers_;
  std::string dsn_;
  std::string api_url_;
  std::string console_listen_; // of the master
  std::string console_token_file_;
  std::string console_link_; // with the token; empty: there is no console
  std::uint16_t master_port_ = 0;
  bool interrupted_ = false;
  bool postgres_has_data_ = false;
  std::unique_ptr<kafka_server> kafka_;
  std::unique_ptr<embedded_kafka> embedded_;
  std::unique_ptr<postgres_server> postgres_;
  std::vector<std::unique_ptr<node>> nodes_; // in the order of their start
};

} // namespace tickerflow
