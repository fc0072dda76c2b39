#pragma once

#include "messages/errc.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tickerflow {

/// One numbered file of sql/.
struct migration {
  int version = 0;
  std::string_view name; // "001_bars_windows_and_shards.sql"
  std::string_view text;
};

/// The migrations that are part of the program, by version.
const std::vector<migration>& program_migrations();

/// Brings the database to the program's version, in one transaction under an
/// advisory lock: several nodes may start at once.
///
/// Errors  newer_schema if the database is ahead of the program; bad_setting if
///         an applied migration is not the one of the program (checksum);
///         unavailable, refused
/// @returns how many were applied
caf::expected<int>
migrate(const std::string& dsn,
        const std::vector<migration>& steps = program_migrations());

} // namespace tickerflow
