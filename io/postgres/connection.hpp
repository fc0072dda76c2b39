#pragma once

// Private to io/postgres: libpqxx types end here.

#include "io/postgres/hang_guard.hpp"
#include "messages/errc.hpp"

#include <pqxx/pqxx>

#include <chrono>
#include <memory>
#include <string>

namespace tickerflow {

/// A connection that is made on first use and made again after it broke.
class lazy_connection {
public:
  /// @param answer_within a server that takes longer is given up, and the
  ///        error is `unavailable`; 0: no limit
  explicit lazy_connection(std::string dsn,
                           std::chrono::milliseconds answer_within = {})
      : dsn_(std::move(dsn)), answer_within_(answer_within) {
    // nop
  }

  /// @throws what libpqxx throws if the server cannot be reached
  pqxx::connection& get();

  /// Forgets the connection: the next `get` makes another.
  void drop() { connection_.reset(); }

  /// How many connections were made so far: changes with each new session.
  int generation() const { return generation_; }

  std::chrono::milliseconds answer_within() const { return answer_within_; }

private:
  std::string dsn_;
  std::chrono::milliseconds answer_within_;
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
    auto& open = connection.get();
    hang_guard guard{open.sock(), connection.answer_within()};
    return f(open);
  } catch (...) {
    return current_database_error(connection);
  }
}

} // namespace tickerflow
