#pragma once

// Private to io/postgres.

#include "market/ticker_book.hpp"

#include <pqxx/pqxx>

namespace tickerflow {

/// Reads the newest stored trading day of each symbol that has any.
/// @throws what libpqxx throws
std::vector<stored_day> load_latest_days(pqxx::work& tx,
                                         const std::vector<std::string>& names);

/// Reads one trading day of one symbol; empty if the calendar has none then.
/// @throws what libpqxx throws
std::vector<stored_day> load_day(pqxx::work& tx, const std::string& symbol,
                                 date::sys_days date);

} // namespace tickerflow
