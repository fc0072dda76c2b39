#include "io/simulator/served_market.hpp"

#include <algorithm>
#include <cmath>

namespace tickerflow::sim {

served_market::served_market(recorded_market recorded, std::uint64_t seed,
                             const calendar& sessions,
                             std::vector<std::string> symbols)
    : recorded_(std::move(recorded)), sessions_(sessions),
      synthetic_(seed, sessions), symbols_(std::move(symbols)) {}

bool served_market::knows(const std::string& symbol) const {
  if (!symbols_.empty())
    return std::find(symbols_.begin(), symbols_.end(), symbol)
           != symbols_.end();
  auto is_letter = [](char c) { return c >= 'A' && c <= 'Z'; };
  auto end = std::find_if_not(symbol.begin(), symbol.end(), is_letter);
  auto length = end - symbol.begin();
  if (length < 1 || length > 5)
    return false;
  return end == symbol.end()
         || ((*end == '.' || *end == '-') && symbol.end() - end == 2
             && is_letter(*std::next(end)));
}

bar_series served_market::day(const std::string& symbol,
                              date::sys_days date) const {
  auto recording = recorded_.find(symbol);
  if (!recording)
    return synthetic_.day(symbol, date);
  if (date >= recording->first() && date <= recording->last())
    return recording->day(date);
  if (recording->bars().empty() || !sessions_.day_on(date))
    return {};
  auto is_before = date < recording->first();
  auto met_price_e4 = is_before ? recording->bars().front().open_e4
                                : recording->bars().back().close_e4;
  auto met_on =
      is_before ? recording->first() - date::days(1) : recording->last();
  auto scale = static_cast<double>(met_price_e4) / price_scale
               / synthetic_.close_on(symbol, met_on);
  return synthetic_.day(symbol, date, scale);
}

std::vector<split> served_market::splits(const std::string& symbol) const {
  auto result = synthetic_.splits(symbol);
  // A recording shows no jump, so no split fell into it.
  if (auto recording = recorded_.find(symbol)) {
    auto inside = [recording](const split& x) {
      return x.date >= recording->first() && x.date <= recording->last();
    };
    result.erase(std::remove_if(result.begin(), result.end(), inside),
                 result.end());
  }
  return result;
}

void served_market::adjust(bar_series& bars, const std::string& symbol,
                           date::sys_days bars_date,
                           date::sys_days known_on) const {
  double ratio = 1;
  for (auto& x : splits(symbol))
    if (bars_date < x.date && x.date <= known_on)
      ratio *= x.ratio;
  if (ratio == 1)
    return;
  auto divide = [ratio](std::int64_t& x_e4) {
    x_e4 = std::max<std::int64_t>(
        1, std::llround(static_cast<double>(x_e4) / ratio));
  };
  for (auto& x : bars) {
    divide(x.open_e4);
    divide(x.high_e4);
    divide(x.low_e4);
    divide(x.close_e4);
    x.volume_shares =
        std::llround(static_cast<double>(x.volume_shares) * ratio);
  }
}

} // namespace tickerflow::sim
