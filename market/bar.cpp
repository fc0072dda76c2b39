#include "market/bar.hpp"

#include <algorithm>

namespace tickerflow {

namespace {

// A million a share is above every listed price; more is a slipped decimal.
constexpr std::int64_t largest_price_e4 = 10'000'000 * price_scale;

} // namespace

std::string_view to_string(session x) {
  switch (x) {
    case session::pre: return "pre";
    case session::regular: return "regular";
    case session::post: return "post";
  }
  return "???";
}

bool same_values(const bar& x, const bar& y) {
  return x.open_e4 == y.open_e4 && x.high_e4 == y.high_e4
         && x.low_e4 == y.low_e4 && x.close_e4 == y.close_e4
         && x.volume_shares == y.volume_shares;
}

bool operator==(const bar& x, const bar& y) {
  return x.symbol == y.symbol && x.interval == y.interval && x.start == y.start
         && same_values(x, y);
}

std::string_view to_string(bar_fault x) {
  switch (x) {
    case bar_fault::none: return "none";
    case bar_fault::no_symbol: return "the symbol is missing or malformed";
    case bar_fault::bad_interval:
      return "the interval is not whole minutes of a day";
    case bar_fault::price_not_positive: return "a price is zero or negative";
    case bar_fault::price_too_large: return "a price is above 10 million";
    case bar_fault::high_below_low: return "the high is below the low";
    case bar_fault::open_outside_range:
      return "the open is outside low to high";
    case bar_fault::close_outside_range:
      return "the close is outside low to high";
    case bar_fault::negative_volume: return "the volume is negative";
  }
  return "???";
}

bar_fault check(const bar& x) {
  using namespace std::chrono_literals;
  if (!is_symbol(x.symbol))
    return bar_fault::no_symbol;
  if (x.interval < 1min || x.interval > 24h || x.interval % 1min != 0s
      || 24h % x.interval != 0s)
    return bar_fault::bad_interval;
  auto lowest = std::min({x.open_e4, x.high_e4, x.low_e4, x.close_e4});
  auto highest = std::max({x.open_e4, x.high_e4, x.low_e4, x.close_e4});
  if (lowest <= 0)
    return bar_fault::price_not_positive;
  if (highest > largest_price_e4)
    return bar_fault::price_too_large;
  if (x.high_e4 < x.low_e4)
    return bar_fault::high_below_low;
  if (x.open_e4 < x.low_e4 || x.open_e4 > x.high_e4)
    return bar_fault::open_outside_range;
  if (x.close_e4 < x.low_e4 || x.close_e4 > x.high_e4)
    return bar_fault::close_outside_range;
  if (x.volume_shares < 0 && x.volume_shares != no_volume)
    return bar_fault::negative_volume;
  return bar_fault::none;
}

bool is_symbol(std::string_view text) {
  auto allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.'
           || c == '-' || c == '^' || c == '=';
  };
  return !text.empty() && text.size() <= 16
         && std::all_of(text.begin(), text.end(), allowed);
}

} // namespace tickerflow
