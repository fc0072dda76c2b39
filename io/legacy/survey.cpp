#include "io/legacy/survey.hpp"

#include "market/bar.hpp"
#include "market/calendar.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace tickerflow {

namespace {

using std::chrono::minutes;

constexpr std::array<int, 5> known_minutes{1, 5, 15, 30, 60};

/// Of a day with fewer bars nothing is said.
constexpr std::int64_t enough_bars = 4;

/// @returns the distance between bars that is most frequent on a day, in
///          minutes; 0 if it is none of an API's intervals or they are too few
int usual_distance(const wall_time* first, const wall_time* last) {
  if (last - first < enough_bars)
    return 0;
  std::map<std::int64_t, int> counts;
  for (auto x = first + 1; x != last; ++x)
    ++counts[(*x - *(x - 1)).count()];
  auto most =
      std::max_element(counts.begin(), counts.end(),
                       [](auto& x, auto& y) { return x.second < y.second; });
  for (auto x : known_minutes)
    if (most->first == x * 60)
      return x;
  return 0;
}

void find_interval(surveyed_ticker& x) {
  auto& times = x.unfinished;
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  auto day_of = [](wall_time t) { return std::chrono::floor<date::days>(t); };
  for (size_t i = 0; i < times.size();) {
    auto end = i;
    while (end < times.size() && day_of(times[end]) == day_of(times[i]))
      ++end;
    if (auto found = usual_distance(&times[i], &times[i] + (end - i)))
      ++x.days[found];
    i = end;
  }
  std::int64_t most = 0;
  for (auto& [length, count] : x.days)
    if (count > most) {
      most = count;
      x.interval = minutes{length};
    }
  x.times = static_cast<std::int64_t>(times.size());
}

} // namespace

std::string legacy_symbol(std::string_view text) {
  std::string result;
  for (unsigned char c : text)
    result += static_cast<char>(std::toupper(c));
  auto first = result.find_first_not_of(" \t\r\n");
  if (first == std::string::npos)
    return {};
  return result.substr(first, result.find_last_not_of(" \t\r\n") - first + 1);
}

std::chrono::seconds told_intervals::of(const std::string& symbol) const {
  auto found = by_symbol.find(symbol);
  return found == by_symbol.end() ? all : found->second;
}

void survey::take(const legacy_row& x) {
  rows_ += x.times;
  auto symbol = legacy_symbol(x.symbol);
  if (!is_symbol(symbol))
    return; // the rows are left out, with a reason, when they are read
  if (symbol != current_) {
    finish();
    current_ = symbol;
  }
  auto& ticker = tickers_[symbol];
  ticker.rows += x.times;
  if (auto wall = parse_legacy_time(x.date))
    ticker.unfinished.push_back(*wall);
}

void survey::finish() {
  auto found = tickers_.find(current_);
  if (found == tickers_.end())
    return;
  auto& ticker = found->second;
  find_interval(ticker);
  if (auto told = told_.of(current_); told > told.zero()) {
    ticker.interval = told;
    ticker.told = true;
  }
  if (ticker.interval > ticker.interval.zero()) {
    auto& histogram = times_[ticker.interval];
    for (auto x : ticker.unfinished)
      ++histogram[x];
  }
  ticker.unfinished = {};
}

std::string interval_fault(const std::string& symbol,
                           const surveyed_ticker& x) {
  auto name = [](int length) { return std::to_string(length) + "min"; };
  if (x.told)
    return {};
  auto flag = "--interval " + symbol + '=';
  if (x.days.empty())
    return symbol + ": no day has " + std::to_string(enough_bars)
           + " bars at the usual distances, so their length is not known "
             "(say it: "
           + flag + "1min)";
  std::int64_t all = 0;
  std::string found;
  for (auto& [length, count] : x.days) {
    all += count;
    found += (found.empty() ? "" : ", ") + std::to_string(count) + " days of "
             + name(length);
  }
  auto length = static_cast<int>(x.interval / minutes{1});
  // A thin day of 1min bars may look like 5min; a tenth of them may.
  if (x.days.at(length) * 10 < all * 9)
    return symbol + ": bars of several lengths (" + found
           + "); only one can be stored (say which: " + flag + name(length)
           + ", and leave out the other days with --since and --until)";
  if (length == 60)
    return symbol
           + ": 60min bars mix pre-market and regular session and make "
             "no windows (leave the ticker out with --only, and let "
             "the source serve its history again)";
  return {};
}

} // namespace tickerflow
