#pragma once

// Private to io/postgres: libpqxx types end here.

#include "io/postgres/connection.hpp"

namespace tickerflow {

/// No longer does a question of a person hold the database.
constexpr std::chrono::milliseconds reading_limit{6'000};

/// Runs `f(pqxx::read_transaction&)`, which returns `caf::expected<T>`, with a
/// limit of 5 s for each statement.
template <class F>
auto read_only(lazy_connection& connection, F f)
    -> decltype(f(std::declval<pqxx::read_transaction&>())) {
  return with_connection(
      connection,
      [&](pqxx::connection& open)
          -> decltype(f(std::declval<pqxx::read_transaction&>())) {
        pqxx::read_transaction tx{open};
        tx.exec0("SET LOCAL statement_timeout = '5s'");
        return f(tx);
      });
}

} // namespace tickerflow
