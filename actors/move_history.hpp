#pragma once

#include "messages/introspection.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tickerflow {

/// Remembers the last owners of shards, what moved and who was fenced.
class move_history {
public:
  /// Kept of each; the oldest go first.
  static constexpr size_t kept = 200;

  /// @param shards how many there are
  explicit move_history(size_t shards = 0) : owners_(shards) {}

  /// A node was told to serve a shard.
  void assigned(std::int32_t shard, const std::string& to, std::int64_t epoch,
                std::string reason, std::int64_t at_ms);

  /// A shard has this owner, for whatever reason; empty: nobody, and that is
  /// noted unless it was known.
  void owned(std::int32_t shard, const std::string& by, std::int64_t epoch,
             std::string reason, std::int64_t at_ms);

  void fenced(shard_fence x);

  /// @returns as last noted; empty: nobody
  const std::string& owner(std::int32_t shard) const {
    return owners_[static_cast<size_t>(shard)];
  }

  /// @returns newest first
  move_log log() const;

private:
  std::vector<std::string> owners_;
  std::vector<shard_move> moves_;   // oldest first
  std::vector<shard_fence> fences_; // oldest first
};

} // namespace tickerflow
