#pragma once

#include "market/day_book.hpp"

#include <map>

namespace tickerflow {

/// A bar to write.
struct bar_change {
  bar value;
  tickerflow::session session = tickerflow::session::regular;
  std::int32_t revision = 0;
  bool is_new = true;   // else its row exists
  bool suspect = false; // see `is_suspect`
};

/// A window to write; to publish as well if it is final.
struct window_change {
  std::string symbol;
  std::chrono::seconds interval{60}; // of the bars it was made of
  window value;
  bool is_new = true; // else its row exists
};

struct book_changes {
  std::vector<bar_change> bars;
  std::vector<window_change> windows;

  bool empty() const { return bars.empty() && windows.empty(); }
};

struct stored_bar {
  bar value;
  std::int32_t revision = 0;
};

/// The part of a stored window that its bars do not tell.
struct stored_window {
  tickerflow::session session = tickerflow::session::regular;
  window_width width = window_width::m15;
  timestamp start{};
  std::int32_t revision = 0;
  bool final = false;
};

/// One symbol's day as the database has it, and the rest of its week.
struct stored_day {
  std::string symbol;
  date::sys_days date{};
  std::chrono::seconds interval{60};
  timestamp watermark{};              // end of the symbol's newest stored bar
  std::vector<stored_bar> bars;       // of the day
  std::vector<stored_window> windows; // of the day, and the week's own
  /// Regular-session 1d windows of the week's other days, made from all their
  /// stored bars.
  std::vector<std::pair<date::sys_days, window>> week;
};

/// A range so wide that it is rather a bad tick: the low under 75 % of the
/// lower, or the high over 133 % of the higher, of open and close. Flagged,
/// never dropped.
bool is_suspect(const bar& x);

/// The bars of one symbol, newest days in memory, and all windows they make.
///
/// Shape   bars in any order in, changed rows out
/// Errors  see `outcome`
/// Source  watermark and refinement: Akidau et al., The Dataflow Model, 2015
class ticker_book {
public:
  enum class outcome : std::uint8_t {
    added,
    corrected,
    same,            // nothing to write
    outside_session, // no session of the calendar holds the bar
    misaligned,      // not on the interval's grid, or over a session's edge
    other_interval,  // the symbol is stored in another interval
    needs_day,       // restore its day (see `day_of`), then offer it again
  };

  ticker_book(std::string symbol, std::chrono::seconds interval,
              const calendar& days);

  outcome admit(const bar& x);

  /// Puts a day of the database into memory. The symbol's newest day comes
  /// first; older ones when `needs_day` asks.
  void restore(const stored_day& x);

  /// Moves what changed since the last call to the end of `out`.
  void take_changes(book_changes& out);

  /// End of the newest bar; nothing admitted or restored: the epoch's start.
  timestamp watermark() const { return watermark_; }

  const std::string& symbol() const { return symbol_; }
  std::chrono::seconds interval() const { return interval_; }
  std::int64_t last_close_e4() const { return last_close_e4_; }

private:
  struct week_book {
    std::map<date::sys_days, window> days; // regular 1d windows
    booked_window value;
  };

  day_book* find_or_start(const trading_day& day);
  week_book& week_at(date::sys_days date);
  void refold_week(const day_book& changed);
  void advance();
  void forget_old_days();

  std::string symbol_;
  std::chrono::seconds interval_;
  const calendar* calendar_;
  std::map<date::sys_days, day_book> days_;
  std::map<date::sys_days, week_book> weeks_; // by Monday
  date::sys_days newest_{};                   // day, also when not in memory
  date::sys_days last_used_{};
  bool any_day_ = false;
  timestamp watermark_{};
  std::int64_t last_close_e4_ = 0;
  const trading_day* last_day_ = nullptr; // of the bar before: mostly the same
};

} // namespace tickerflow
