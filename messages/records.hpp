#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace tickerflow {

/// One record of the raw topic. The views live as long as their batch.
struct raw_record {
  std::int64_t offset = 0;
  std::string_view key;
  std::string_view value;
};

/// Consecutive records of one partition, as read.
struct record_batch {
  std::int32_t shard = 0;
  std::int64_t epoch = 0; // of the feed; the aggregator drops another's
  std::int64_t high_watermark = 0; // the partition's end, for the lag
  std::int64_t lost_before = -1; // >= 0: what was before it is gone for ever
  std::vector<raw_record> records;
  std::shared_ptr<void> owner; // keeps the bytes behind the views alive
};

using record_batch_ptr = std::shared_ptr<const record_batch>;

} // namespace tickerflow
