#pragma once

#include "messages/errc.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tickerflow {

/// PostgreSQL refuses a write because of one of its records: the next
/// aggregator writes fewer at a time, so that in the end it is known which.
struct isolation {
  std::int64_t until = 0;   // offset from which on writes may be large again
  std::int64_t records = 0; // at most in a write; 0: no limit
};

/// An aggregator that failed so often at a record passes it unread.
constexpr std::int32_t poison_failures = 3;

/// Ends an aggregator whose successor has to isolate a record.
caf::error isolation_error(std::string text, isolation x);

/// @returns what an aggregator's end asks of its successor, if it does
std::optional<isolation> isolation_of(const caf::error& x);

/// @returns a text that every database takes: printable ASCII, shortened
std::string printable(std::string_view text);

} // namespace tickerflow
