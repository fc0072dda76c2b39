#pragma once

#include "io/kafka/kafka_options.hpp"
#include "messages/errc.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace tickerflow {

/// A record and when the broker was given it.
struct found_record {
  std::int64_t offset = 0;
  std::int64_t at_ms = 0; // Unix, by the record
  std::string value;
};

struct record_wish {
  std::string topic;
  std::int32_t partition = 0;
  std::string key;
  std::int64_t from_ms = 0; // Unix: where the search begins
  std::int64_t to_ms = 0;   // and ends
  std::function<bool(std::string_view value)> fits;
};

/// Looks through a partition for the last record of a time that has the key and
/// fits. Blocks.
///
/// Bounds  50,000 records, 4 s; what was found until then is the answer
/// Errors  unavailable, refused, bad_setting
caf::expected<std::optional<found_record>>
find_record(const kafka_options& options, const record_wish& x);

/// Where a record went.
struct record_place {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

/// Produces one record and waits for the brokers' word.
/// Errors  unavailable, refused, bad_setting
caf::expected<record_place> produce_record(const kafka_options& options,
                                           const std::string& topic,
                                           const std::string& key,
                                           const std::string& value);

} // namespace tickerflow
