#include "market/day_book.hpp"

#include <algorithm>

namespace tickerflow {

day_book::day_book(const trading_day& day, std::string symbol,
                   std::chrono::seconds interval)
    : day_(&day), symbol_(std::move(symbol)), interval_(interval) {
  // nop
}

day_book::window_row& day_book::row_of(session part, window_width width) {
  return windows_[static_cast<size_t>(part) * day_widths.size()
                  + static_cast<size_t>(width)];
}

size_t day_book::first_at(std::int32_t start_s) const {
  // Nearly always the end: bars come in order.
  if (bars_.empty() || bars_.back().start_s < start_s)
    return bars_.size();
  auto position = std::lower_bound(
      bars_.begin(), bars_.end(), start_s,
      [](const booked_bar& x, std::int32_t y) { return x.start_s < y; });
  return static_cast<size_t>(position - bars_.begin());
}

bar day_book::unpack(const booked_bar& x) const {
  return {symbol_,
          interval_,
          day_->pre_open + std::chrono::seconds(x.start_s),
          x.open_e4,
          x.high_e4,
          x.low_e4,
          x.close_e4,
          x.volume_shares};
}

booked_window& day_book::slot_of(session part, window_width width, timestamp t,
                                 timestamp watermark) {
  auto& slots = row_of(part, width).slots;
  if (!slots.empty() && slots.back().value.start <= t
      && t < slots.back().value.end)
    return slots.back();
  auto [start, end] = span_of(*day_, part, width, t);
  auto position = std::lower_bound(
      slots.begin(), slots.end(), start,
      [](const booked_window& x, timestamp y) { return x.value.start < y; });
  if (position != slots.end() && position->value.start == start)
    return *position;
  booked_window fresh;
  fresh.value.session = part;
  fresh.value.width = width;
  fresh.value.start = start;
  fresh.value.end = end;
  fresh.value.expected_bars =
      static_cast<std::int32_t>((end - start) / interval_);
  fresh.value.final = end <= watermark;
  if (!fresh.value.final)
    next_end_ = std::min(next_end_, end);
  return *slots.insert(position, fresh);
}

void day_book::touch(session part, window_width width, booked_window& x) {
  auto& row = row_of(part, width);
  x.dirty = true;
  row.dirty_from =
      std::min(row.dirty_from, static_cast<size_t>(&x - row.slots.data()));
}

void day_book::refold(booked_window& x) {
  auto& w = x.value;
  w.bars = 0;
  w.volume_shares = 0;
  w.price_volume = 0;
  auto seconds_in = [this](timestamp t) {
    return static_cast<std::int32_t>((t - day_->pre_open).count());
  };
  auto end_s = seconds_in(w.end);
  for (auto i = first_at(seconds_in(w.start));
       i < bars_.size() && bars_[i].start_s < end_s; ++i)
    append(w, unpack(bars_[i]));
}

admission day_book::admit(const bar& x, session part, timestamp watermark) {
  auto start_s = static_cast<std::int32_t>((x.start - day_->pre_open).count());
  auto index = first_at(start_s);
  auto last = index == bars_.size();
  auto result = admission::added;
  booked_bar next;
  next.start_s = start_s;
  next.open_e4 = x.open_e4;
  next.high_e4 = x.high_e4;
  next.low_e4 = x.low_e4;
  next.close_e4 = x.close_e4;
  next.volume_shares = x.volume_shares;
  next.dirty = true;
  if (!last && bars_[index].start_s == start_s) {
    auto& known = bars_[index];
    if (same_values(unpack(known), x))
      return admission::same;
    result = admission::corrected;
    next.revision = known.revision + 1;
    next.stored = known.stored;
    known = next;
  } else {
    bars_.insert(bars_.begin() + static_cast<std::ptrdiff_t>(index), next);
  }
  dirty_from_s_ = std::min(dirty_from_s_, start_s);
  for (auto width : day_widths) {
    if (length_of(width) < interval_)
      continue; // a window cannot be narrower than its bars
    auto& slot = slot_of(part, width, x.start, watermark);
    if (slot.value.final && slot.value.bars > 0)
      ++slot.value.revision;
    if (last)
      append(slot.value, x);
    else
      // From all bars again, not by difference: a corrected high can fall.
      refold(slot);
    touch(part, width, slot);
  }
  return result;
}

void day_book::advance(timestamp watermark) {
  if (watermark < next_end_)
    return;
  next_end_ = timestamp::max();
  for (auto part : {session::pre, session::regular, session::post})
    for (auto width : day_widths)
      for (auto& slot : row_of(part, width).slots) {
        if (slot.value.final)
          continue;
        if (slot.value.end <= watermark) {
          slot.value.final = true;
          touch(part, width, slot);
          dirty_from_s_ = std::min(dirty_from_s_, clean - 1);
        } else {
          next_end_ = std::min(next_end_, slot.value.end);
        }
      }
}

void day_book::restore(const bar& x, std::int32_t revision) {
  booked_bar row;
  row.start_s = static_cast<std::int32_t>((x.start - day_->pre_open).count());
  row.revision = revision;
  row.open_e4 = x.open_e4;
  row.high_e4 = x.high_e4;
  row.low_e4 = x.low_e4;
  row.close_e4 = x.close_e4;
  row.volume_shares = x.volume_shares;
  row.stored = true;
  bars_.insert(
      bars_.begin() + static_cast<std::ptrdiff_t>(first_at(row.start_s)), row);
}

void day_book::restored(timestamp watermark) {
  for (auto& packed : bars_) {
    auto x = unpack(packed);
    auto part = day_->session_at(x.start);
    if (!part)
      continue;
    for (auto width : day_widths) {
      if (length_of(width) < interval_)
        continue;
      auto& slot = slot_of(*part, width, x.start, watermark);
      append(slot.value, x);
      slot.stored = true;
    }
  }
  for (auto& row : windows_)
    row.dirty_from = row.slots.size();
}

void day_book::restore_revision(session part, window_width width,
                                timestamp start, std::int32_t revision,
                                bool final) {
  for (auto& slot : row_of(part, width).slots)
    if (slot.value.start == start) {
      slot.value.revision = revision;
      slot.value.final = final;
    }
}

const window* day_book::regular_day() const {
  auto& row = windows_[static_cast<size_t>(session::regular) * day_widths.size()
                       + static_cast<size_t>(window_width::d1)];
  return row.slots.empty() ? nullptr : &row.slots.front().value;
}

} // namespace tickerflow
