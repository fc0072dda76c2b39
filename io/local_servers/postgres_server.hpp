#pragma once

#include "io/local_servers/child_process.hpp"

namespace tickerflow {

struct postgres_server_options {
  std::string data_dir;
  std::uint16_t port = 5434;
  std::string user = "tickerflow";
  std::string password;
  std::string database = "stock_data";
  bool survive = false; // lives on when we end
};

/// A private PostgreSQL cluster on 127.0.0.1.
class postgres_server {
public:
  /// Makes the cluster if there is none, starts it and does not wait; its data
  /// survives. As root it runs as the user postgres, who then owns the folder.
  /// Errors  bad_setting: no server binaries, folder cannot be used
  static caf::expected<std::unique_ptr<postgres_server>>
  start(postgres_server_options options);

  ~postgres_server() { stop(); }

  /// @returns whether it serves the database; makes it the first time
  bool ready();

  std::string dsn() const { return dsn_of(options_.database); }
  child_process& process() { return *process_; }
  const child_process& process() const { return *process_; }
  void stop();

private:
  postgres_server() = default;

  std::string dsn_of(const std::string& database) const;

  postgres_server_options options_;
  std::unique_ptr<child_process> process_;
};

} // namespace tickerflow
