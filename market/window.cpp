#include "market/window.hpp"

#include <algorithm>

namespace tickerflow {

std::chrono::seconds length_of(window_width x) {
  using namespace std::chrono_literals;
  switch (x) {
    case window_width::m15: return 15min;
    case window_width::m30: return 30min;
    case window_width::h1: return 1h;
    case window_width::d1:
    case window_width::w1: break;
  }
  return 24h;
}

std::string_view to_string(window_width x) {
  switch (x) {
    case window_width::m15: return "15m";
    case window_width::m30: return "30m";
    case window_width::h1: return "1h";
    case window_width::d1: return "1d";
    case window_width::w1: return "1w";
  }
  return "???";
}

std::optional<std::int64_t> window::vwap_e6() const {
  if (volume_shares <= 0)
    return std::nullopt;
  // price_volume / 3 / volume is in e4; e6 is 100 times that.
  auto divisor = wide_integer{3} * volume_shares;
  return static_cast<std::int64_t>((price_volume * 100 * 2 + divisor)
                                   / (2 * divisor));
}

void append(window& x, const bar& y) {
  if (x.bars == 0) {
    x.open_e4 = y.open_e4;
    x.high_e4 = y.high_e4;
    x.low_e4 = y.low_e4;
  } else {
    x.high_e4 = std::max(x.high_e4, y.high_e4);
    x.low_e4 = std::min(x.low_e4, y.low_e4);
  }
  x.close_e4 = y.close_e4;
  ++x.bars;
  if (y.volume_shares == no_volume)
    return;
  x.volume_shares += y.volume_shares;
  x.price_volume +=
      wide_integer{y.high_e4 + y.low_e4 + y.close_e4} * y.volume_shares;
}

void append(window& x, const window& y) {
  if (y.bars == 0)
    return;
  if (x.bars == 0) {
    x.open_e4 = y.open_e4;
    x.high_e4 = y.high_e4;
    x.low_e4 = y.low_e4;
  } else {
    x.high_e4 = std::max(x.high_e4, y.high_e4);
    x.low_e4 = std::min(x.low_e4, y.low_e4);
  }
  x.close_e4 = y.close_e4;
  x.bars += y.bars;
  x.volume_shares += y.volume_shares;
  x.price_volume += y.price_volume;
}

std::pair<timestamp, timestamp> span_of(const trading_day& day, session part,
                                        window_width width, timestamp t) {
  auto [first, last] = day.bounds(part);
  if (width == window_width::d1)
    return {first, last};
  // The grid runs from the open in both directions, so pre-market windows end
  // at the open too; the edges of the session cut it.
  auto length = length_of(width);
  auto distance = t - day.open;
  auto steps = distance / length;
  if (distance < std::chrono::seconds{0}
      && distance % length != distance.zero())
    --steps;
  auto start = day.open + steps * length;
  return {std::max(start, first), std::min(start + length, last)};
}

} // namespace tickerflow
