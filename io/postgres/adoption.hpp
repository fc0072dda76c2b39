#pragma once

#include "messages/cluster.hpp"
#include "messages/errc.hpp"
#include "messages/shard_write.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tickerflow {

/// What a database has before bars from elsewhere are brought in.
struct adoption_facts {
  bool schema_ready = false; // the tables are there
  std::int32_t shards = 0;   // of the raw topic; 0: no master has set it yet
  std::map<std::string, std::int32_t> intervals; // seconds, by stored symbol
  /// Tickerflow's other connections: nodes that run now.
  std::vector<std::string> others;
};

/// Brings bars that come from elsewhere than the raw topic into the tables:
/// what it takes besides a `shard_store`.
///
/// Errors  unavailable, refused, and as said
class adoption {
public:
  explicit adoption(std::string dsn);
  ~adoption();

  /// Looks; changes nothing.
  caf::expected<adoption_facts> look(const std::string& topic);

  /// Keeps, until this object ends, the number of shards from being changed
  /// and others from adopting too, and makes the rows of `shards` shards.
  /// Errors  bad_setting if another holds it
  caf::error hold(std::int32_t shards);

  /// Notes each ticker's interval if none is stored.
  caf::error add_tickers(const std::vector<ticker_spec>& x);

  /// @returns a claim of the shard with the epoch that it has to have, under
  ///          the term of the master that leads or led last
  caf::expected<shard_claim> next_claim(std::int32_t shard);

  /// Says that nobody owns the shard, unless another has claimed it since.
  caf::error release(std::int32_t shard, std::int64_t epoch);

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickerflow
