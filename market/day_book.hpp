#pragma once

#include "market/window.hpp"

#include <cstdint>
#include <limits>
#include <vector>

namespace tickerflow {

/// What a bar did to the book that it was offered to.
enum class admission : std::uint8_t {
  added,
  corrected, // other values than the stored bar of the same start
  same,      // stored already: nothing to write
};

/// A bar in memory: its symbol, interval and day are those of its book.
struct booked_bar {
  std::int32_t start_s = 0; // since the day's pre_open
  std::int32_t revision = 0;
  std::int64_t open_e4 = 0;
  std::int64_t high_e4 = 0;
  std::int64_t low_e4 = 0;
  std::int64_t close_e4 = 0;
  std::int64_t volume_shares = 0;
  bool stored = false; // in the database, perhaps with older values
  bool dirty = false;  // to be written
};

struct booked_window {
  window value;
  bool stored = false;
  bool dirty = false;
};

/// All bars of one symbol on one trading day and the windows that they make.
///
/// Shape   bars in any order in; the windows always equal a recomputation
///         over the bars that are in
/// Errors  none: the caller has checked that the bar belongs to the day
class day_book {
public:
  day_book(const trading_day& day, std::string symbol,
           std::chrono::seconds interval);

  /// @pre the bar starts in session `part` of the day
  /// @param watermark of the symbol: windows that end at or before it are final
  admission admit(const bar& x, session part, timestamp watermark);

  /// Makes final the windows that end at or before the watermark.
  void advance(timestamp watermark);

  /// Puts a stored bar back; call `restored` after the last one.
  void restore(const bar& x, std::int32_t revision);

  /// Makes the windows of the restored bars again.
  void restored(timestamp watermark);

  /// Gives a window, made by `restored`, its stored revision.
  void restore_revision(session part, window_width width, timestamp start,
                        std::int32_t revision, bool final);

  const trading_day& day() const { return *day_; }

  /// @returns the regular session's 1d window; null without a bar
  const window* regular_day() const;

  bool dirty() const { return dirty_from_s_ != clean; }

  /// Calls `on_bar(bar, booked_bar&, session)` and `on_window(booked_window&)`
  /// for what changed, then forgets that it did: all counts as stored.
  template <class OnBar, class OnWindow>
  void take_changes(OnBar on_bar, OnWindow on_window) {
    for (auto i = first_at(dirty_from_s_); i < bars_.size(); ++i) {
      auto& x = bars_[i];
      if (!x.dirty)
        continue;
      auto whole = unpack(x);
      on_bar(whole, x, *day_->session_at(whole.start));
      x.dirty = false;
      x.stored = true;
    }
    for (auto& row : windows_)
      for (auto i = row.dirty_from; i < row.slots.size(); ++i) {
        auto& x = row.slots[i];
        if (!x.dirty)
          continue;
        on_window(x);
        x.dirty = false;
        x.stored = true;
      }
    for (auto& row : windows_)
      row.dirty_from = row.slots.size();
    dirty_from_s_ = clean;
  }

private:
  static constexpr std::int32_t clean =
      std::numeric_limits<std::int32_t>::max();

  struct window_row {
    std::vector<booked_window> slots; // by start
    size_t dirty_from = 0;
  };

  window_row& row_of(session part, window_width width);
  size_t first_at(std::int32_t start_s) const;
  bar unpack(const booked_bar& x) const;
  booked_window& slot_of(session part, window_width width, timestamp t,
                         timestamp watermark);
  void refold(booked_window& x);
  void touch(session part, window_width width, booked_window& x);

  const trading_day* day_;
  std::string symbol_;
  std::chrono::seconds interval_;
  std::vector<booked_bar> bars_; // by start
  std::array<window_row, 3 * day_widths.size()> windows_;
  timestamp next_end_ = timestamp::max(); // of the windows not yet final
  std::int32_t dirty_from_s_ = clean;
};

} // namespace tickerflow
