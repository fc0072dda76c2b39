#include "io/postgres/connection.hpp"

#include <cstdlib>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <regex>
#include <sys/socket.h>

namespace tickerflow {

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string first_line(std::string text) {
  return text.substr(0, text.find('\n'));
}

caf::error connection_error(const std::string& what) {
  auto text = first_line(what);
  if (contains(what, "password authentication failed")
      || contains(what, "no password supplied"))
    return failure(errc::refused,
                   "PostgreSQL refuses the name or password: " + text
                       + " (check POSTGRES_USER and POSTGRES_PASSWORD)");
  if (contains(what, "does not exist") || contains(what, "no pg_hba.conf entry")
      || contains(what, "permission denied"))
    return failure(errc::refused,
                   "PostgreSQL refuses the connection: " + text
                       + " (check POSTGRES_DB, POSTGRES_USER and "
                         "the server's pg_hba.conf)");
  return failure(errc::unavailable, "PostgreSQL cannot be reached: " + text
                                        + " (is it running, are host and port "
                                          "right?)");
}

/// A host that vanished must not hold a statement for TCP's quarter of an hour.
/// A Unix socket has no such options, and needs none.
void notice_lost_peer(int socket) {
  auto set = [socket](int option, int value) {
    ::setsockopt(socket, IPPROTO_TCP, option, &value, sizeof value);
  };
  set(TCP_USER_TIMEOUT, 15'000); // ms without an acknowledgement
  set(TCP_KEEPIDLE, 5);
  set(TCP_KEEPINTVL, 3);
  set(TCP_KEEPCNT, 3);
}

caf::error statement_error(const pqxx::sql_error& e) {
  auto state = e.sqlstate();
  auto text = first_line(e.what());
  auto group = state.substr(0, 2);
  // 55: a lock was not to be had in time.
  if (group == "08" || group == "53" || group == "55" || group == "57"
      || group == "40" || state.empty())
    return failure(errc::unavailable, "PostgreSQL cannot work now: " + text);
  if (state == "42501" || state == "25006")
    return failure(errc::refused,
                   "PostgreSQL refuses: " + text
                       + " (grant the rights to POSTGRES_USER, see "
                         "docs/operations.md)");
  // A value that no column takes, a key that no index takes: of the rows.
  if (group == "22" || group == "54")
    return failure(errc::malformed_record,
                   "PostgreSQL: " + text + " [" + state + "]");
  if (group == "23")
    return failure(errc::stale_state, "a stored row is not what it was "
                                      "expected to be: "
                                          + text);
  return failure(errc::bad_request, "PostgreSQL: " + text + " [" + state + "]");
}

} // namespace

pqxx::connection& lazy_connection::get() {
  if (!connection_) {
    // libpq would wait for a silent host as long as TCP does: minutes. A value
    // of the user's stands.
    ::setenv("PGCONNECT_TIMEOUT", "5", 0);
    connection_ = std::make_unique<pqxx::connection>(dsn_);
    ++generation_;
    notice_lost_peer(connection_->sock());
    hang_guard guard{connection_->sock(), answer_within_};
    connection_->set_variable("timezone", "'UTC'");
    connection_->set_variable("application_name", "'tickerflow'");
  }
  return *connection_;
}

caf::error current_database_error(lazy_connection& connection) {
  try {
    throw;
  } catch (const pqxx::broken_connection& e) {
    connection.drop();
    return connection_error(e.what());
  } catch (const pqxx::in_doubt_error& e) {
    connection.drop();
    return failure(errc::unavailable,
                   std::string{"PostgreSQL was lost during COMMIT: "}
                       + first_line(e.what()));
  } catch (const pqxx::sql_error& e) {
    auto result = statement_error(e);
    // A connection that the server is about to close helps nobody.
    if (result == errc::unavailable)
      connection.drop();
    return result;
  } catch (const std::logic_error& e) {
    // libpqxx cannot even say it: trying again would not help.
    connection.drop();
    return failure(errc::malformed_record,
                   std::string{"PostgreSQL: "} + first_line(e.what()));
  } catch (const std::exception& e) {
    connection.drop();
    return failure(errc::unavailable,
                   std::string{"PostgreSQL: "} + first_line(e.what()));
  }
}

std::string without_password(const std::string& dsn) {
  static const std::regex in_url{"(://[^:/@]*):[^@]*@"};
  static const std::regex in_pairs{"password=('[^']*'|[^ ]*)"};
  return std::regex_replace(std::regex_replace(dsn, in_url, "$1:***@"),
                            in_pairs, "password=***");
}

} // namespace tickerflow
