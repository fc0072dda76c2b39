#pragma once

#include "market/day_book.hpp"
#include "test/soak/traffic.hpp"

#include <map>
#include <string>
#include <tuple>
#include <unordered_set>
#include <vector>

namespace tickerflow::soak {

/// A bar as it has to be stored: its values are the last produced ones.
struct ledger_bar {
  bar value;
  session part = session::regular;
  std::int32_t revision = 0; // how often its values changed
};

struct ledger_letter {
  std::string reason;
  std::string key;
  std::string payload;
};

/// Symbol, start, width, session: a window's row.
using window_key = std::tuple<std::string, timestamp, window_width, session>;

/// What the database and the topics must hold in the end.
///
/// Shape   acknowledged records in, each partition's in its order of offsets;
///         all that ever must be true of bars and windows out
/// Source  each record is applied by itself to books that forget no day; the
///         pipeline works in batches, from what it reads back
class ledger {
public:
  /// Takes the record that Kafka has at the offset.
  void acknowledged(const raw_event& x, std::int32_t partition,
                    std::int64_t offset);

  using bars_by_start = std::map<timestamp, ledger_bar>;
  const std::map<std::string, bars_by_start>& bars() const { return bars_; }
  const std::map<window_key, window>& windows() const { return windows_; }
  const std::map<std::pair<std::int32_t, std::int64_t>, ledger_letter>&
  letters() const {
    return letters_;
  }

  /// @returns whether some window was final with this event's text at some
  ///          time (see `encode_window_event`)
  bool was_true(const std::string& window_event) const;

  /// @returns the end of each partition that has a record
  const std::map<std::int32_t, std::int64_t>& ends() const { return ends_; }

  std::int64_t records() const { return records_; }
  std::int64_t bar_count() const { return bar_count_; }
  std::int64_t corrections() const { return corrections_; }
  std::int64_t duplicates() const { return duplicates_; }

private:
  struct week {
    std::map<date::sys_days, window> days;
    window value;
  };

  struct ticker {
    std::map<date::sys_days, day_book> days;
    std::map<date::sys_days, week> weeks; // by Monday
    timestamp watermark{};
  };

  bool apply_bar(const bar& x, session part);
  void apply_windows(const bar& x, session part);
  void apply_week(const std::string& symbol, ticker& t,
                  const day_book& changed);
  void store(const std::string& symbol, const window& x);

  std::map<std::string, bars_by_start> bars_;
  std::map<std::string, ticker> tickers_;
  std::map<window_key, window> windows_;
  std::map<std::pair<std::int32_t, std::int64_t>, ledger_letter> letters_;
  std::unordered_set<std::uint64_t> truths_; // hashes of events
  std::map<std::int32_t, std::int64_t> ends_;
  std::int64_t records_ = 0;
  std::int64_t bar_count_ = 0;
  std::int64_t corrections_ = 0;
  std::int64_t duplicates_ = 0;
};

} // namespace tickerflow::soak
