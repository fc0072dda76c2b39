#include "io/alpha_vantage/label_guard.hpp"

namespace tickerflow {

std::optional<bar_label> proven_label(const std::vector<timestamp>& labels,
                                      std::chrono::seconds interval,
                                      const calendar& days) {
  bool proves_end = false;
  bool proves_start = false;
  for (size_t i = 0; i < labels.size(); ++i) {
    auto label = labels[i];
    // Each label belongs to a bar of [pre_open, post_close): one of the two
    // edges can only be a start, the other only an end.
    if (auto day = days.day_at(label); day && label == day->pre_open)
      proves_start = true;
    auto day = days.day_at(label - interval);
    if (!day)
      continue;
    if (label == day->open + std::chrono::hours(10) + std::chrono::minutes(30))
      proves_end = true; // 20:00
    // A whole regular session and nothing beside it on that day.
    auto count = static_cast<size_t>((day->close - day->open) / interval);
    auto last = i + count - 1;
    if (label != day->open + interval || last >= labels.size()
        || labels[last] != day->close)
      continue;
    auto nothing_before = i == 0 || labels[i - 1] < day->pre_open;
    auto nothing_after =
        last + 1 == labels.size() || labels[last + 1] > day->post_close;
    if (nothing_before && nothing_after)
      proves_end = true;
  }
  if (proves_end == proves_start)
    return std::nullopt;
  return proves_end ? bar_label::end : bar_label::start;
}

} // namespace tickerflow
