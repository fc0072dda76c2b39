#pragma once

#include "io/legacy/left_out.hpp"
#include "io/legacy/report.hpp"
#include "io/postgres/adoption.hpp"
#include "io/postgres/shard_store.hpp"
#include "market/ticker_book.hpp"

#include <map>
#include <memory>
#include <string>

namespace tickerflow {

struct adopting_options {
  std::string dsn;
  std::int32_t shards = 1;
  bool tables_ready = true; // else nothing is stored yet
  bool dry_run = false;
  size_t batch_bars = 5'000;
};

/// Writes bars of old days, ticker by ticker, through the same books and the
/// same fenced writes as an aggregator's; what is stored stays as it is.
///
/// Errors  fenced: a node has claimed the shard since; unavailable, refused,
///         stale_state, bad_setting: the file of rows left out
class adopting_writer {
public:
  adopting_writer(adopting_options options, adoption& to, left_out_file& file);

  /// Takes the bars of one symbol and day; days in rising order. Counts what
  /// becomes of each.
  caf::error put(const std::string& symbol, const trading_day& day,
                 const std::vector<merged_bar>& bars, ticker_migration& counts);

  /// Writes what is pending of the symbol, and forgets it.
  caf::error finish();

  std::int64_t windows() const { return windows_; }
  std::int64_t stored() const { return stored_; }

private:
  struct split; // bars of a day by what is to be done with them

  caf::error claim(const std::string& symbol, std::chrono::seconds interval);
  caf::expected<stored_day> load(const std::string& symbol,
                                 const trading_day& day);
  caf::error admit(const merged_bar& x, const stored_day& day);
  caf::error flush();

  adopting_options options_;
  adoption* to_;
  left_out_file* file_;
  shard_store store_;
  std::unique_ptr<ticker_book> book_; // of the symbol whose shard is claimed
  shard_write write_;                 // its claim, and nothing else
  ticker_migration* counts_ = nullptr;
  std::int64_t pending_ = 0;
  date::sys_days last_day_{};
  std::int64_t windows_ = 0;
  std::int64_t stored_ = 0;
};

} // namespace tickerflow
