#pragma once

#include "nodes/console/picture.hpp"
#include "nodes/console/problem.hpp"

#include <vector>

namespace tickerflow::console {

/// One actor as the list shows it.
struct actor_row {
  const std::string* node = nullptr;
  std::uint64_t serial = 0;
  const std::string* kind = nullptr;
  const actor_labels* labels = nullptr;
  std::string name; // kind and labels
  const char* state = "idle";
  std::int64_t mailbox = 0;
  std::int64_t mailbox_highest = 0;
  std::optional<double> in_per_s;
  std::optional<double> out_per_s;
  std::int64_t handled = 0;
  std::optional<double> p50_us;
  std::optional<double> p99_us;
  std::int64_t restarts = 0;
  std::int64_t death_ms = 0; // 0: none
  std::string death_reason;
  std::int64_t uptime_s = 0;
  std::uint64_t supervisor = 0;
};

/// @returns all actors of the picture, the dead of late behind those that live;
///          it refers to the picture
std::vector<actor_row> actor_rows(const picture& x);

json to_json(const actor_row& x);

/// @returns "aggregator shard=3"
std::string name_of(const std::string& kind, const actor_labels& labels);

/// A quantile of a histogram with the bounds `handling_bounds_us`, interpolated
/// in its bucket.
///
/// Units   microseconds
/// @returns nothing without a count
std::optional<double> quantile_us(const std::vector<std::uint64_t>& buckets,
                                  double share);

} // namespace tickerflow::console
