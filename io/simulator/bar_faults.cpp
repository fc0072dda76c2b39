#include "io/simulator/bar_faults.hpp"

#include "io/simulator/random_numbers.hpp"

#include <algorithm>

namespace tickerflow::sim {

namespace {

/// A first estimate of a bar, of which every value is off.
void misjudge(plain_bar& x, std::uint64_t random) {
  auto off_e4 = 100 + static_cast<std::int64_t>(random % 5) * 100;
  x.high_e4 += 2 * off_e4;
  x.close_e4 = std::min(x.close_e4 + off_e4, x.high_e4);
  x.volume_shares += 1 + x.volume_shares / 10;
}

void break_range(plain_bar& x) {
  std::swap(x.high_e4, x.low_e4);
  if (x.high_e4 == x.low_e4)
    x.low_e4 += 100;
}

} // namespace

const fault_rule* bar_faults::fault_of(const std::string& symbol,
                                       std::chrono::minutes interval,
                                       timestamp start) const {
  for (auto& rule : rules_) {
    if (!is_bar_fault(rule.kind)
        || (!rule.symbol.empty() && rule.symbol != symbol))
      continue;
    auto random = random_at(seed_, hash_text(symbol), interval.count(),
                            start.time_since_epoch().count(),
                            static_cast<int>(rule.kind));
    if (uniform(random) < rule.probability)
      return &rule;
  }
  return nullptr;
}

void bar_faults::apply(bar_series& bars, const std::string& symbol,
                       std::chrono::minutes interval, timestamp now) const {
  if (rules_.empty())
    return;
  auto is_gone = [&](plain_bar& x) {
    auto rule = fault_of(symbol, interval, x.start);
    if (!rule)
      return false;
    auto is_held = now < x.start + interval + rule->hold;
    switch (rule->kind) {
      case fault_kind::gap: return true;
      case fault_kind::late: return is_held;
      case fault_kind::bad: break_range(x); return false;
      case fault_kind::corrected:
        if (is_held)
          misjudge(x, random_at(seed_, x.start.time_since_epoch().count()));
        return false;
      default: return false;
    }
  };
  // remove_if calls the predicate once for each bar, in order.
  bars.erase(std::remove_if(bars.begin(), bars.end(), is_gone), bars.end());
}

} // namespace tickerflow::sim
