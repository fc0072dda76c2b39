#pragma once

#include "io/legacy/report.hpp"
#include "io/legacy/survey.hpp"
#include "messages/errc.hpp"

#include <functional>
#include <optional>
#include <string>

namespace tickerflow {

struct legacy_options {
  std::string from; // DSN of the earlier database
  legacy_selection wanted;
  std::string to;                      // DSN of ours
  std::string topic;                   // whose partitions are the shards
  std::int32_t shards = 8;             // if no master has run yet
  std::optional<time_reading> reading; // told; else found out
  bar_label label = bar_label::start;
  bool label_told = false;
  told_intervals intervals;
  std::string left_out_path; // CSV; empty: none is written
  bool dry_run = false;
  size_t batch_bars = 5'000; // in a transaction, about
};

struct legacy_progress {
  std::string symbol; // empty: looking at the times
  std::int64_t rows = 0;
  std::int64_t of_rows = 0; // 0: not known yet
  std::int64_t stored = 0;  // bars
};

/// Brings the bars of an earlier pipeline's table into ours, with all windows.
///
/// Bars that are stored already are never changed. Each shard is claimed as a
/// new owner claims it, so a node that still writes is fenced, or fences us.
/// What was committed stays; the next run recognises it.
///
/// Errors  bad_setting: the times or lengths of the bars are not certain, nodes
///         are running, or something is stored in another interval: the text
///         says what to do; fenced; unavailable, refused
/// @param tell called often; returns whether to go on
caf::expected<legacy_report>
migrate_legacy(const legacy_options& options,
               const std::function<bool(const legacy_progress&)>& tell);

} // namespace tickerflow
