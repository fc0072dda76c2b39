#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace tickerflow::soak {

/// A record of a topic; the views are valid during the call only.
struct scanned_record {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::string_view key;
  std::string_view value;
  std::map<std::string, std::string> headers;
};

/// Reads a whole topic, as another program would.
/// @returns the end of each partition
/// @throws std::runtime_error if Kafka does not answer
std::map<std::int32_t, std::int64_t>
scan_topic(const std::string& brokers, const std::string& topic,
           const std::function<void(const scanned_record&)>& f);

/// @returns the end of each partition, without reading
std::map<std::int32_t, std::int64_t> topic_ends(const std::string& brokers,
                                                const std::string& topic);

} // namespace tickerflow::soak
