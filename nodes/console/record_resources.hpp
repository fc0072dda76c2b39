#pragma once

#include "io/kafka/kafka_options.hpp"
#include "io/kafka/record_search.hpp"
#include "io/postgres/dead_letter_view.hpp"
#include "io/postgres/market_view.hpp"
#include "nodes/console/query.hpp"
#include "nodes/console/view_pool.hpp"

namespace tickerflow::console {

/// Dead letters and single records' ways. Thread-safe.
/// Errors  each throws `problem`
class record_resources {
public:
  record_resources(std::string dsn, kafka_options kafka, std::string topic)
      : letters_(dsn), market_(std::move(dsn)), kafka_(std::move(kafka)),
        topic_raw_(std::move(topic)) {}

  json dead_letters(const query& parameters) const;
  json dead_letter(const std::string& topic, std::int32_t shard,
                   std::int64_t offset) const;

  /// Sends the record to the raw topic again.
  json replay(const std::string& topic, std::int32_t shard,
              std::int64_t offset) const;

  /// @param partition of the symbol
  json trace(const std::string& symbol, std::int32_t partition,
             const query& parameters) const;

private:
  std::pair<dead_letter_row, std::string> letter(const std::string& topic,
                                                 std::int32_t shard,
                                                 std::int64_t offset) const;

  mutable view_pool<dead_letter_view> letters_;
  mutable view_pool<market_view> market_;
  kafka_options kafka_;
  std::string topic_raw_;
};

/// @returns the bytes as text: those that are no UTF-8, and those that a
///          terminal would obey, as \xHH
std::string readable(std::string_view bytes);

} // namespace tickerflow::console
