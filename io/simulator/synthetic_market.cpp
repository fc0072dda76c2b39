#include "io/simulator/synthetic_market.hpp"

#include "io/simulator/random_numbers.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace tickerflow::sim {

namespace {

using namespace std::chrono_literals;

// What a random number is for: keeps the uses of one place apart.
enum purpose : std::uint64_t {
  for_price,
  for_volatility,
  for_turnover,
  for_bridge,
  for_split,
  for_split_day,
  for_split_ratio,
  for_gap,
  for_post,
  for_day,
  for_halt,
};

// Splits multiply older prices from here back and newer ones onwards.
constexpr auto split_anchor = date::sys_days{date::year{2026} / 1 / 2};

constexpr size_t bridge_levels = 14; // 2^14 sessions: 1990 to 2035 is 11'577

/// Brownian bridge over [0, 2^14] with unit steps, at a whole number.
double bridge_at(std::uint64_t seed, size_t index) {
  double result = 0;
  for (size_t level = 0; level < bridge_levels; ++level) {
    auto width = size_t{1} << (bridge_levels - level);
    auto cell = index / width;
    auto half = static_cast<double>(width) / 2;
    auto offset = static_cast<double>(index % width);
    auto tent = 1 - std::abs(offset - half) / half;
    if (tent > 0)
      result += tent * std::sqrt(static_cast<double>(width)) / 2
                * normal(random_at(seed, for_bridge, level, cell));
  }
  return result;
}

size_t index_of(const calendar& sessions, date::sys_days date) {
  auto next = sessions.next_on_or_after(date);
  auto first = sessions.days().data();
  if (!next)
    return sessions.days().size() - 1;
  auto index = static_cast<size_t>(next - first);
  return next->date > date && index > 0 ? index - 1 : index;
}

double split_factor(const std::vector<split>& splits, date::sys_days date) {
  double result = 1;
  for (auto& x : splits) {
    if (date < x.date && x.date <= split_anchor)
      result *= x.ratio;
    if (split_anchor < x.date && x.date <= date)
      result /= x.ratio;
  }
  return result;
}

/// Activity over a session, x from 0 to 1: high at both ends.
double liveliness(double x) {
  auto from_middle = 2 * x - 1;
  return 0.55 + 1.8 * std::pow(from_middle, 4);
}

/// A random walk from one value to another, n + 1 points.
std::vector<double> walk(random_sequence& random, size_t n, double from,
                         double to, double deviation, bool lively) {
  std::vector<double> result(n + 1, from);
  double position = 0;
  for (size_t i = 1; i <= n; ++i) {
    auto x = (static_cast<double>(i) - 0.5) / static_cast<double>(n);
    auto step = deviation / std::sqrt(static_cast<double>(n))
                * (lively ? liveliness(x) : 1);
    position += step * random.next_normal();
    result[i] = position;
  }
  for (size_t i = 1; i <= n; ++i)
    result[i] = from + result[i]
                + (to - from - position) * static_cast<double>(i)
                      / static_cast<double>(n);
  return result;
}

/// Rounds to the tick: a cent, below a dollar 1/10'000.
std::int64_t to_tick(double price) {
  auto e4 = price * static_cast<double>(price_scale);
  auto tick = price >= 1 ? std::int64_t{100} : std::int64_t{1};
  auto result = static_cast<std::int64_t>(std::llround(e4 / tick)) * tick;
  return std::max(result, tick);
}

struct halt {
  size_t first = 0; // minutes of the regular session; none if first == last
  size_t last = 0;
};

halt halt_of(std::uint64_t seed, size_t index, size_t minutes) {
  random_sequence random{random_at(seed, for_halt, index)};
  constexpr double days_with_halt = 0.02;
  if (random.next_uniform() > days_with_halt)
    return {};
  auto length = 5 + random.next() % 26;
  auto first = 10 + random.next() % (minutes - 60);
  return {first, first + length};
}

} // namespace

struct synthetic_market::character {
  std::uint64_t seed = 0;
  double price = 0;      // where the bridge starts and ends
  double volatility = 0; // standard deviation of a day's log return
  double turnover = 0;   // shares a day

  /// @returns the logarithm of a day's close, without splits
  double log_close(size_t index) const {
    return std::log(price) + volatility * bridge_at(seed, index);
  }

  /// @returns the same for the end of the day's post-market
  double log_post_end(size_t index) const {
    return log_close(index)
           + 0.08 * volatility * normal(random_at(seed, for_post, index));
  }
};

synthetic_market::synthetic_market(std::uint64_t seed, const calendar& sessions)
    : seed_(seed), sessions_(sessions) {}

synthetic_market::character
synthetic_market::character_of(std::string_view symbol) const {
  character result;
  result.seed = random_at(seed_, hash_text(symbol));
  auto between = [&result](purpose what, double low, double high) {
    auto x = uniform(random_at(result.seed, what));
    return low * std::pow(high / low, x);
  };
  result.price = between(for_price, 15, 600);
  result.volatility = between(for_volatility, 0.010, 0.025);
  result.turnover = between(for_turnover, 3e5, 6e7);
  return result;
}

std::vector<split> synthetic_market::splits(std::string_view symbol) const {
  constexpr double splits_a_year = 1.0 / 14;
  constexpr std::array<double, 8> ratios{2, 2, 2, 3, 4, 5, 10, 0.1};
  auto seed = random_at(seed_, hash_text(symbol));
  std::vector<split> result;
  for (int year = 1991; year <= 2035; ++year) {
    if (uniform(random_at(seed, for_split, year)) > splits_a_year)
      continue;
    auto day = date::days(random_at(seed, for_split_day, year) % 360);
    auto session = sessions_.next_on_or_after(
        date::sys_days{date::year{year} / 1 / 1} + day);
    if (session)
      result.push_back(
          {session->date,
           ratios[random_at(seed, for_split_ratio, year) % ratios.size()]});
  }
  return result;
}

double synthetic_market::close_on(std::string_view symbol,
                                  date::sys_days date) const {
  auto x = character_of(symbol);
  return std::exp(x.log_close(index_of(sessions_, date)))
         * split_factor(splits(symbol), date);
}

bar_series synthetic_market::day(std::string_view symbol, date::sys_days date,
                                 double scale) const {
  auto day = sessions_.day_on(date);
  if (!day)
    return {};
  auto index = index_of(sessions_, date);
  auto before = index > 0 ? index - 1 : index;
  auto x = character_of(symbol);
  random_sequence random{random_at(x.seed, for_day, index)};

  // The day's corners, as logarithms.
  auto close = x.log_close(index);
  auto night = close - x.log_close(before);
  auto open = x.log_close(before) + 0.35 * night
              + 0.3 * x.volatility * normal(random_at(x.seed, for_gap, index));
  auto minutes_of = [day](session part) {
    auto [start, end] = day->bounds(part);
    return static_cast<size_t>((end - start) / 1min);
  };
  auto regular = minutes_of(session::regular);
  auto shift = std::log(scale * split_factor(splits(symbol), date));
  auto halted = halt_of(x.seed, index, regular);
  auto turnover = x.turnover * std::exp(0.35 * random.next_normal());

  bar_series result;
  auto add_session = [&](session part, double from, double to, double deviation,
                         double shares) {
    auto n = minutes_of(part);
    auto lively = part == session::regular;
    auto path = walk(random, n, from, to, deviation, lively);
    auto start = day->bounds(part).first;
    auto step = deviation / std::sqrt(static_cast<double>(n));
    for (size_t i = 0; i < n; ++i) {
      auto position = (static_cast<double>(i) + 0.5) / static_cast<double>(n);
      // Outside the session trading fades with the distance from it.
      auto share = lively                 ? liveliness(position)
                   : part == session::pre ? 3 * position * position
                                          : 3 * std::pow(1 - position, 2);
      auto expected = shares * share / static_cast<double>(n);
      auto volume = expected * std::exp(0.5 * random.next_normal() - 0.125);
      auto silence = random.next_uniform();
      auto first = std::exp(path[i] + shift);
      auto last = std::exp(path[i + 1] + shift);
      auto above = std::exp(0.6 * step * std::abs(random.next_normal()));
      auto below = std::exp(-0.6 * step * std::abs(random.next_normal()));
      // Some trades are between two ticks: midpoint matches.
      auto between = random.next() % 10 == 0 && first >= 1 ? 50 : 0;

      auto has_auction = i == 0 && part != session::pre;
      constexpr double shares_a_trade = 150;
      if (lively && i >= halted.first && i < halted.last)
        continue;
      if (!has_auction && silence < std::exp(-expected / shares_a_trade))
        continue;
      if (has_auction)
        volume += turnover * (lively ? 0.015 : 0.08);
      plain_bar y;
      y.start = start + std::chrono::minutes(i);
      y.open_e4 = to_tick(first) + between;
      y.close_e4 = to_tick(last);
      y.high_e4 = std::max(
          {y.open_e4, y.close_e4, to_tick(std::max(first, last) * above)});
      y.low_e4 = std::min(
          {y.open_e4, y.close_e4, to_tick(std::min(first, last) * below)});
      y.volume_shares = std::max<std::int64_t>(1, std::llround(volume));
      result.push_back(y);
    }
  };
  add_session(session::pre, x.log_post_end(before), open, 0.15 * x.volatility,
              0.012 * turnover);
  add_session(session::regular, open, close, 0.75 * x.volatility,
              0.88 * turnover);
  add_session(session::post, close, x.log_post_end(index), 0.1 * x.volatility,
              0.012 * turnover);
  return result;
}

} // namespace tickerflow::sim
