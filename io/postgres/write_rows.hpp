#pragma once

// Private to io/postgres.

#include "messages/shard_write.hpp"

#include <pqxx/pqxx>

namespace tickerflow {

/// Writes the rows of one shard write: new ones by COPY, changed ones by
/// upsert.
/// @throws what libpqxx throws
void write_rows(pqxx::work& tx, const shard_write& x);

} // namespace tickerflow
