#include "market/ticker_book.hpp"

#include <algorithm>

namespace tickerflow {

namespace {

/// Days kept in memory for each symbol: today's, and those that corrections
/// touch.
constexpr size_t days_in_memory = 2;

} // namespace

bool is_suspect(const bar& x) {
  return x.low_e4 * 4 < std::min(x.open_e4, x.close_e4) * 3
         || x.high_e4 * 3 > std::max(x.open_e4, x.close_e4) * 4;
}

ticker_book::ticker_book(std::string symbol, std::chrono::seconds interval,
                         const calendar& days)
    : symbol_(std::move(symbol)), interval_(interval), calendar_(&days) {
  // nop
}

day_book* ticker_book::find_or_start(const trading_day& day) {
  auto known = days_.find(day.date);
  if (known != days_.end())
    return &known->second;
  if (any_day_ && day.date <= newest_)
    return nullptr; // the database may have it
  any_day_ = true;
  newest_ = day.date;
  return &days_.try_emplace(day.date, day, symbol_, interval_).first->second;
}

ticker_book::outcome ticker_book::admit(const bar& x) {
  if (x.interval != interval_)
    return outcome::other_interval;
  auto day = last_day_;
  if (!day || x.start < day->pre_open || x.start >= day->post_close)
    day = calendar_->day_at(x.start);
  if (!day)
    return outcome::outside_session;
  last_day_ = day;
  auto part = *day->session_at(x.start);
  if ((x.start - day->open) % interval_ != std::chrono::seconds{0}
      || x.end() > day->bounds(part).second)
    return outcome::misaligned;
  auto book = find_or_start(*day);
  if (!book)
    return outcome::needs_day;
  last_used_ = day->date;
  // Windows are judged by the watermark before this bar: the bar that closes a
  // window is part of it, not a revision.
  auto result = book->admit(x, part, watermark_);
  if (result == admission::same)
    return outcome::same;
  auto newest = x.end() >= watermark_;
  if (newest) {
    watermark_ = x.end();
    last_close_e4_ = x.close_e4;
  }
  if (part == session::regular)
    refold_week(*book);
  if (newest)
    advance();
  return result == admission::added ? outcome::added : outcome::corrected;
}

void ticker_book::advance() {
  for (auto& [date, book] : days_)
    book.advance(watermark_);
  for (auto& [monday, week] : weeks_) {
    auto& w = week.value.value;
    if (!w.final && w.bars > 0 && w.end <= watermark_) {
      w.final = true;
      week.value.dirty = true;
    }
  }
}

ticker_book::week_book& ticker_book::week_at(date::sys_days date) {
  auto monday = week_of(date);
  auto [position, fresh] = weeks_.try_emplace(monday);
  auto& week = position->second;
  if (!fresh)
    return week;
  auto& w = week.value.value;
  w.session = session::regular;
  w.width = window_width::w1;
  for (auto day = calendar_->next_on_or_after(monday);
       day && day->date < monday + date::days{7};
       day = calendar_->next_on_or_after(day->date + date::days{1})) {
    if (w.expected_bars == 0)
      w.start = day->open;
    w.end = day->close;
    w.expected_bars +=
        static_cast<std::int32_t>((day->close - day->open) / interval_);
  }
  return week;
}

void ticker_book::refold_week(const day_book& changed) {
  auto& week = week_at(changed.day().date);
  auto& w = week.value.value;
  week.days[changed.day().date] = *changed.regular_day();
  // Judged before the watermark moves: the bar that ends a week is part of it,
  // not a revision.
  if (w.final && w.bars > 0)
    ++w.revision;
  w.bars = 0;
  w.volume_shares = 0;
  w.price_volume = 0;
  for (auto& [date, day] : week.days)
    append(w, day);
  w.final = w.end <= watermark_;
  week.value.dirty = true;
}

void ticker_book::restore(const stored_day& x) {
  auto day = calendar_->day_on(x.date);
  if (!day)
    return;
  watermark_ = std::max(watermark_, x.watermark);
  if (!any_day_ || newest_ < x.date) {
    any_day_ = true;
    newest_ = x.date;
  }
  days_.erase(x.date);
  auto& book =
      days_.try_emplace(x.date, *day, symbol_, interval_).first->second;
  last_used_ = x.date;
  for (auto& stored : x.bars) {
    book.restore(stored.value, stored.revision);
    if (stored.value.end() == watermark_)
      last_close_e4_ = stored.value.close_e4;
  }
  book.restored(watermark_);
  auto monday = week_of(x.date);
  auto first_of_week = weeks_.find(monday) == weeks_.end();
  if (first_of_week) {
    auto& week = week_at(x.date);
    for (auto& [date, other] : x.week)
      week.days[date] = other;
  }
  auto& week = week_at(x.date);
  if (auto regular = book.regular_day())
    week.days[x.date] = *regular;
  auto& w = week.value.value;
  if (first_of_week) {
    for (auto& [date, other] : week.days)
      append(w, other);
    w.final = w.bars > 0 && w.end <= watermark_;
    week.value.stored = w.bars > 0;
  }
  for (auto& stored : x.windows) {
    if (stored.width != window_width::w1) {
      book.restore_revision(stored.session, stored.width, stored.start,
                            stored.revision, stored.final);
    } else if (first_of_week) {
      w.revision = stored.revision;
      w.final = stored.final;
    }
  }
}

void ticker_book::take_changes(book_changes& out) {
  auto put_window = [&](const booked_window& x) {
    out.windows.push_back({symbol_, interval_, x.value, !x.stored});
  };
  for (auto& [date, book] : days_) {
    if (!book.dirty())
      continue;
    book.take_changes(
        [&](const bar& x, const booked_bar& row, session part) {
          out.bars.push_back(
              {x, part, row.revision, !row.stored, is_suspect(x)});
        },
        put_window);
  }
  for (auto& [monday, week] : weeks_) {
    if (!week.value.dirty)
      continue;
    put_window(week.value);
    week.value.dirty = false;
    week.value.stored = true;
  }
  forget_old_days();
}

void ticker_book::forget_old_days() {
  while (days_.size() > days_in_memory) {
    auto oldest = days_.begin();
    // What was used last is likely used next, however old it is.
    if (oldest->first == last_used_)
      ++oldest;
    days_.erase(oldest);
  }
  for (auto week = weeks_.begin(); week != weeks_.end();) {
    auto monday = week->first;
    auto first = days_.lower_bound(monday);
    auto in_use = first != days_.end() && first->first < monday + date::days{7};
    week = in_use ? std::next(week) : weeks_.erase(week);
  }
}

} // namespace tickerflow
