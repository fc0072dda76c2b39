#pragma once

#include "messages/errc.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tickerflow {

/// Where a dead letter was read, and its place in a list newest first.
struct dead_letter_place {
  std::int64_t stored_us = 0; // Unix microseconds
  std::string topic;
  std::int32_t shard = 0;
  std::int64_t offset = 0;
};

struct dead_letter_row {
  dead_letter_place place;
  std::string reason;
  std::string detail;
  std::string key;             // bytes
  std::int64_t size_bytes = 0; // of the payload
};

/// What to look for; what is empty does not matter.
struct dead_letter_search {
  std::string text; // part of detail, key or payload
  std::string reason;
  std::optional<std::int32_t> shard;
  std::optional<std::int64_t> from_s; // Unix seconds
  std::optional<std::int64_t> to_s;
  std::optional<dead_letter_place> after; // the last one of the page before
  int limit = 200;
};

/// Reads dead letters for people. Read-only, and no statement takes longer than
/// 5 s. One connection, one thread.
///
/// Errors  unavailable, refused; unavailable too if it would take longer
class dead_letter_view {
public:
  explicit dead_letter_view(std::string dsn);
  ~dead_letter_view();

  /// @returns newest first; one more than `limit` if there are more
  caf::expected<std::vector<dead_letter_row>>
  search(const dead_letter_search& x);

  /// @returns how many there are of each reason
  caf::expected<std::map<std::string, std::int64_t>> reasons();

  /// A letter and its payload.
  caf::expected<std::optional<std::pair<dead_letter_row, std::string>>>
  find(const std::string& topic, std::int32_t shard, std::int64_t offset);

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickerflow
