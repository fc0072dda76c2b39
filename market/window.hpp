#pragma once

#include "market/bar.hpp"
#include "market/calendar.hpp"

#include <array>
#include <optional>

namespace tickerflow {

/// Widths of the tumbling windows, all anchored at the session's open.
enum class window_width : std::uint8_t { m15, m30, h1, d1, w1 };

/// Those that lie inside one day; a week is made of days.
constexpr std::array<window_width, 4> day_widths{
    window_width::m15, window_width::m30, window_width::h1, window_width::d1};

/// @returns "15m", "30m", "1h", "1d", "1w"
std::string_view to_string(window_width x);

/// @returns the length of a whole window inside a day; 24 h for wider ones
std::chrono::seconds length_of(window_width x);

/// Wide enough for a year of price times volume without rounding.
__extension__ using wide_integer = __int128;

/// Open, high, low, close, volume and VWAP of one symbol over [start, end).
///
/// Shape   one per symbol, session, width and start that has a bar
/// Units   UTC seconds; 1/10'000 of the quote currency; shares
/// Source  session-anchored windows as in shared market practice: the first
///         starts at 09:30 New York, the last is cut at the session's close.
struct window {
  tickerflow::session session = tickerflow::session::regular;
  window_width width = window_width::m15;
  timestamp start{};
  timestamp end{};
  std::int64_t open_e4 = 0;
  std::int64_t high_e4 = 0;
  std::int64_t low_e4 = 0;
  std::int64_t close_e4 = 0;
  std::int64_t volume_shares = 0; // of the bars that have a volume
  wide_integer price_volume = 0;  // sum of (high + low + close) * volume, e4
  std::int32_t bars = 0;
  std::int32_t expected_bars = 0; // if none were missing
  std::int32_t revision = 0;      // raised by each change after it was final
  bool final = false;             // the symbol's watermark has passed the end

  /// @returns sum(typical price * volume) / sum(volume) in 1/1'000'000, rounded
  ///          half up; nothing without volume
  std::optional<std::int64_t> vwap_e6() const;
};

/// Adds a bar that is later than all bars in the window.
void append(window& x, const bar& y);

/// Adds a window (of a narrower width) later than all that is in `x`.
void append(window& x, const window& y);

/// @returns [start, end) of the window of a day, a session and a width that
///          holds `t`
/// @pre `t` is in that session and `width` is not a week
std::pair<timestamp, timestamp> span_of(const trading_day& day, session part,
                                        window_width width, timestamp t);

} // namespace tickerflow
