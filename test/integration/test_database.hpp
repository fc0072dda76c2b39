#pragma once

#include <pqxx/pqxx>

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace tickerflow {

/// @returns a line NAME=value of the servers' env file, or the variable itself
inline std::string server_address(const std::string& name) {
  if (auto value = std::getenv(name.c_str()))
    return value;
  auto folder = std::getenv("TICKERFLOW_TEST_SERVERS");
  std::ifstream file{std::string{folder ? folder : ""} + "/env"};
  for (std::string line; std::getline(file, line);)
    if (line.rfind(name + '=', 0) == 0) {
      auto value = line.substr(name.size() + 1);
      if (value.size() > 1 && value.front() == '\'')
        value = value.substr(1, value.size() - 2);
      return value;
    }
  throw std::runtime_error("no test servers: run this by ctest, which starts "
                           "them (or set "
                           + name + ")");
}

/// An empty database of its own on the real server; dropped at the end.
class test_database {
public:
  test_database() {
    static int count = 0;
    name_ =
        "test_" + std::to_string(::getpid()) + '_' + std::to_string(++count);
    server_ = server_address("TICKERFLOW_TEST_POSTGRES");
    pqxx::connection c{server_};
    pqxx::nontransaction tx{c};
    tx.exec("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
    tx.exec("CREATE DATABASE " + name_);
  }

  ~test_database() {
    try {
      pqxx::connection c{server_};
      pqxx::nontransaction tx{c};
      tx.exec("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
    } catch (const std::exception&) {
      // The servers are thrown away after the tests anyhow.
    }
  }

  std::string dsn() const {
    return server_.substr(0, server_.rfind('/') + 1) + name_;
  }

  /// @returns the single value of a query
  std::string value(const std::string& sql) const {
    pqxx::connection c{dsn()};
    pqxx::work tx{c};
    return tx.exec1(sql)[0].c_str();
  }

  pqxx::result rows(const std::string& sql) const {
    pqxx::connection c{dsn()};
    pqxx::work tx{c};
    return tx.exec(sql);
  }

  void run(const std::string& sql) const {
    pqxx::connection c{dsn()};
    pqxx::work tx{c};
    tx.exec(sql);
    tx.commit();
  }

private:
  std::string name_;
  std::string server_;
};

} // namespace tickerflow
