#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace tickerflow {

/// An instant in UTC. Bars and windows start on whole seconds.
using timestamp =
    std::chrono::time_point<std::chrono::system_clock, std::chrono::seconds>;

/// Part of the trading day, in New York time: pre 04:00 to the open, regular
/// from the open to the close, post from the close to 20:00 (17:00 on days
/// with an early close).
enum class session : std::uint8_t { pre, regular, post };

std::string_view to_string(session x);

/// Prices are integers of 1/10'000 of the quote currency: exact, comparable.
constexpr std::int64_t price_scale = 10'000;

/// Volume of a bar whose source gave none (the earlier pipeline's events).
constexpr std::int64_t no_volume = -1;

/// Open, high, low, close and volume of one symbol over
/// [start, start + interval).
///
/// Units   UTC seconds; 1/10'000 of the quote currency; shares.
struct bar {
  std::string symbol;
  std::chrono::seconds interval{60};
  timestamp start{};
  std::int64_t open_e4 = 0;
  std::int64_t high_e4 = 0;
  std::int64_t low_e4 = 0;
  std::int64_t close_e4 = 0;
  std::int64_t volume_shares = 0; // or no_volume

  timestamp end() const { return start + interval; }
};

/// @returns whether both have the same prices and volume
bool same_values(const bar& x, const bar& y);

bool operator==(const bar& x, const bar& y);

/// What is wrong with a bar by itself; `none` if nothing is.
enum class bar_fault : std::uint8_t {
  none,
  no_symbol,
  bad_interval,
  price_not_positive,
  price_too_large,
  high_below_low,
  open_outside_range,
  close_outside_range,
  negative_volume,
};

/// A text for people: what is wrong.
std::string_view to_string(bar_fault x);

/// Checks low <= min(open, close) <= max(open, close) <= high, positive prices,
/// a volume of 0 or more (or `no_volume`), a symbol and an interval of whole
/// minutes that divides a day.
bar_fault check(const bar& x);

/// @returns whether the text can be a symbol: 1 to 16 of A-Z 0-9 . - ^ =
bool is_symbol(std::string_view text);

} // namespace tickerflow
