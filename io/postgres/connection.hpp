#pragma once

// Private to io/postgres: libpqxx types end here.

#include "messages/errc.hpp"

#include <pqxx/pqxx>

#include <memory>
#include <string>

namespace tickerflow {

/// A connection that is made on first use and made again after it broke.
class lazy_connection {
public:
  explicit lazy_connection(std::string dsn) : dsn_(std::move(dsn)) {}

  /// @throws what libpqxx throws if the server cannot be reached
  pqxx::connection& get();

  /// Forgets the connection: the next `get` makes another.
  void drop() { connection_.reset(); }

  /// How many connections were made so far: changes with each new session.
  int generation() const { return generation_; }

private:
  std::string dsn_;
  std::unique_ptr<pqxx::connection> connection_;
  int generation_ = 0;
};

/// Turns the exception in flight into an error that says what to do.
/// @pre called in a catch block
caf::error current_database_error(lazy_connection& connection);

/// @returns the address of a DSN without its password, for messages
std::string without_password(const std::string& dsn);

/// Runs `f(pqxx::connection&)`, which returns `caf::expected<T>`.
/// Exceptions of libpqxx end here.
template <class F>
auto with_connection(lazy_connection& connection, F f)
    -> decltype(f(connection.get())) {
  try {
    return f(connection.get());
  } catch (...) {
    return current_database_error(connection);
  }
}

} // namespace tickerflow
