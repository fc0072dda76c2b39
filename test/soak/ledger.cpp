#include "test/soak/ledger.hpp"

#include "io/event/window_event.hpp"

#include <functional>

namespace tickerflow::soak {

namespace {

constexpr std::chrono::seconds interval{60};

std::uint64_t hash_of(const std::string& text) {
  return std::hash<std::string>{}(text);
}

} // namespace

void ledger::acknowledged(const raw_event& x, std::int32_t partition,
                          std::int64_t offset) {
  ++records_;
  ends_[partition] = offset + 1;
  if (!x.reason.empty()) {
    letters_[{partition, offset}] = {x.reason, x.has_key ? x.key : "", x.value};
    return;
  }
  auto part = *nyse().day_at(x.content.start)->session_at(x.content.start);
  if (apply_bar(x.content, part))
    apply_windows(x.content, part);
}

/// @returns whether the bar changed anything
bool ledger::apply_bar(const bar& x, session part) {
  auto& of_symbol = bars_[x.symbol];
  auto [row, fresh] = of_symbol.try_emplace(x.start, ledger_bar{x, part, 0});
  if (fresh) {
    ++bar_count_;
    return true;
  }
  auto& known = row->second;
  if (same_values(known.value, x)) {
    ++duplicates_;
    return false;
  }
  known.value = x;
  ++known.revision;
  ++corrections_;
  return true;
}

void ledger::apply_windows(const bar& x, session part) {
  auto& t = tickers_[x.symbol];
  auto day = nyse().day_at(x.start);
  auto& book =
      t.days.try_emplace(day->date, *day, x.symbol, interval).first->second;
  book.admit(x, part, t.watermark);
  auto newest = x.end() >= t.watermark;
  if (newest)
    t.watermark = x.end();
  if (part == session::regular)
    apply_week(x.symbol, t, book);
  auto take = [&](day_book& changed) {
    changed.take_changes(
        [](const bar&, const booked_bar&, session) {
          // Bars are kept by apply_bar.
        },
        [&](const booked_window& w) { store(x.symbol, w.value); });
  };
  if (!newest) {
    take(book);
    return;
  }
  for (auto& [date, any] : t.days) {
    any.advance(t.watermark);
    if (any.dirty())
      take(any);
  }
  for (auto& [monday, w] : t.weeks)
    if (!w.value.final && w.value.bars > 0 && w.value.end <= t.watermark) {
      w.value.final = true;
      store(x.symbol, w.value);
    }
}

void ledger::apply_week(const std::string& symbol, ticker& t,
                        const day_book& changed) {
  auto monday = week_of(changed.day().date);
  auto [row, fresh] = t.weeks.try_emplace(monday);
  auto& w = row->second.value;
  if (fresh) {
    w.width = window_width::w1;
    for (auto day = nyse().next_on_or_after(monday);
         day && day->date < monday + date::days{7};
         day = nyse().next_on_or_after(day->date + date::days{1})) {
      if (w.expected_bars == 0)
        w.start = day->open;
      w.end = day->close;
      w.expected_bars +=
          static_cast<std::int32_t>((day->close - day->open) / interval);
    }
  }
  row->second.days[changed.day().date] = *changed.regular_day();
  if (w.final && w.bars > 0)
    ++w.revision;
  w.bars = 0;
  w.volume_shares = 0;
  w.price_volume = 0;
  for (auto& [date, day] : row->second.days)
    append(w, day);
  w.final = w.end <= t.watermark;
  store(symbol, w);
}

void ledger::store(const std::string& symbol, const window& x) {
  windows_[{symbol, x.start, x.width, x.session}] = x;
  if (x.final)
    truths_.insert(hash_of(encode_window_event({symbol, interval, x, false})));
}

bool ledger::was_true(const std::string& window_event) const {
  return truths_.count(hash_of(window_event)) > 0;
}

} // namespace tickerflow::soak
