#pragma once

#include "io/budget_ledger.hpp"

#include <memory>
#include <string>

namespace tickerflow {

/// @returns the ledger in pipeline.api_budget
std::shared_ptr<budget_ledger> make_postgres_ledger(std::string dsn);

} // namespace tickerflow
