#include "market/gaps.hpp"

#include <algorithm>

namespace tickerflow {

std::vector<bar_gap> gaps_between(const calendar& days,
                                  std::chrono::seconds interval,
                                  const std::vector<timestamp>& starts,
                                  timestamp from, timestamp to) {
  std::vector<bar_gap> result;
  auto have = starts.begin();
  auto day =
      days.next_on_or_after(date::floor<date::days>(from) - date::days{1});
  for (; day && day->open < to;
       day = days.next_on_or_after(day->date + date::days{1})) {
    bar_gap* open = nullptr; // the gap that goes on
    for (auto slot = day->open; slot < day->close; slot += interval) {
      if (slot < from || slot >= to) {
        open = nullptr;
        continue;
      }
      have = std::lower_bound(have, starts.end(), slot);
      if (have != starts.end() && *have < slot + interval) {
        open = nullptr;
        continue;
      }
      if (!open) {
        result.push_back({slot, slot, 0});
        open = &result.back();
      }
      open->end = slot + interval;
      ++open->bars;
    }
  }
  return result;
}

} // namespace tickerflow
