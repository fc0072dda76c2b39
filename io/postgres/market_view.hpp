#pragma once

#include "market/bar.hpp"
#include "messages/errc.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tickerflow {

/// A part of a symbol's rows: [from, to), oldest first. Without `from` the
/// newest ones.
struct row_range {
  std::string symbol;
  std::optional<timestamp> from;
  std::optional<timestamp> to;
  int limit = 1000;
};

/// A stored bar. Prices are decimals as they stand in the table.
struct bar_row {
  timestamp start{};
  std::int32_t interval_s = 0;
  std::string session;
  std::string open;
  std::string high;
  std::string low;
  std::string close;
  std::optional<std::int64_t> volume_shares;
  std::int32_t revision = 0;
  bool suspect = false;
};

struct window_row {
  timestamp start{};
  timestamp end{};
  std::string session;
  std::string open;
  std::string high;
  std::string low;
  std::string close;
  std::int64_t volume_shares = 0;
  std::string vwap; // empty: none
  std::int32_t bars = 0;
  std::int32_t expected_bars = 0;
  std::int32_t revision = 0;
  bool final = false;
};

/// What of a ticker is not in its node's report.
struct ticker_facts {
  std::optional<std::string> previous_close; // of the session before
  std::int64_t revisions = 0;                // corrected bars since `since`
};

/// The times of a bar's way that the database knows.
struct stored_times {
  timestamp start{};
  std::int32_t interval_s = 0;
  std::int32_t revision = 0;
  std::int64_t stored_ms = 0; // Unix
  std::string window;         // "15m regular"; empty: none has it
  std::int64_t window_ms = 0; // when that was last written
  bool window_final = false;
};

/// Reads bars and windows for people. Read-only, and no statement takes longer
/// than 5 s. One connection, one thread.
///
/// Errors  unavailable, refused; unavailable too if it would take longer
class market_view {
public:
  explicit market_view(std::string dsn);
  ~market_view();

  /// @returns one more than `limit` if there are more
  caf::expected<std::vector<bar_row>> bars(const row_range& x);

  /// @param width "15m", "30m", "1h", "1d", "1w"
  /// @param session "pre", "regular", "post"; empty: all
  caf::expected<std::vector<window_row>> windows(const row_range& x,
                                                 const std::string& width,
                                                 const std::string& session);

  /// @returns starts of the regular session's bars in [from, to), with the
  ///          interval of the symbol, oldest first
  caf::expected<std::vector<timestamp>>
  regular_starts(const std::string& symbol, timestamp from, timestamp to);

  /// @returns first and newest start that is stored; nothing: no bar
  caf::expected<std::optional<std::pair<timestamp, timestamp>>>
  extent(const std::string& symbol);

  /// @param day_open open of the session whose close before is asked for
  /// @param since first instant of the revisions
  caf::expected<ticker_facts> facts(const std::string& symbol,
                                    timestamp day_open, timestamp since);

  /// @param start none: of the newest bar
  caf::expected<std::optional<stored_times>>
  times_of(const std::string& symbol, std::optional<timestamp> start);

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickerflow
