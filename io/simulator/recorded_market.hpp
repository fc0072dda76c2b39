#pragma once

#include "io/simulator/plain_bar.hpp"
#include "market/exchange_time.hpp"

#include <date/date.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tickerflow::sim {

/// What one symbol did in reality, minute by minute.
class recording {
public:
  /// @param gzip the file's bytes: "timestamp,open,high,low,close,volume" in
  ///        New York time, oldest first
  recording(std::string name, std::string gzip, bar_label label,
            date::sys_days first, date::sys_days last);

  /// The exchange's dates of the first and of the last bar.
  date::sys_days first() const { return first_; }
  date::sys_days last() const { return last_; }

  /// All bars; unpacked when first asked for, from any thread.
  /// @throws std::runtime_error naming the file and line that do not parse
  const bar_series& bars() const;

  /// The bars of one date of the exchange.
  bar_series day(date::sys_days date) const;

private:
  void unpack() const;

  std::string name_;
  bar_label label_;
  date::sys_days first_;
  date::sys_days last_;
  mutable std::string gzip_; // until unpacked
  mutable std::once_flag once_;
  mutable bar_series bars_;
};

/// The recordings by symbol; 1-minute ones only, since every other interval
/// is made from them.
///
/// Source  data/recorded/MANIFEST.csv: file,symbol,interval,provider,label,
///         first,last,...
class recorded_market {
public:
  /// Those that are part of the program.
  static recorded_market embedded();

  /// Those of a folder with MANIFEST.csv and the files that it names.
  /// @throws std::runtime_error with the reason
  static recorded_market in_folder(const std::string& folder);

  /// @returns the recording or null
  const recording* find(std::string_view symbol) const;

  std::vector<std::string> symbols() const;

private:
  std::map<std::string, std::unique_ptr<recording>, std::less<>> recordings_;
};

} // namespace tickerflow::sim
