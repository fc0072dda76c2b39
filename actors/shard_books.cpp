#include "actors/shard_books.hpp"

#include "io/event/window_event.hpp"
#include "market/exchange_time.hpp"

namespace tickerflow {

shard_books::shard_books(topic_names topics,
                         const std::vector<ticker_spec>& tickers,
                         std::int32_t shard)
    : topics_(std::move(topics)), shard_(shard) {
  for (auto& x : tickers)
    tickers_.emplace(
        x.symbol, ticker_entry{ticker_book{
                      x.symbol, std::chrono::seconds{x.interval_s}, nyse()}});
}

void shard_books::bury(const raw_record& x, std::string_view reason,
                       std::string detail) {
  ++buried_;
  ++pending_;
  dead_letters_.push_back({topics_.raw, shard_, x.offset, std::string{reason},
                           std::move(detail), std::string{x.key},
                           std::string{x.value}});
}

shard_books::step shard_books::take(const raw_record& x) {
  auto& event = parser_.parse(x.value);
  auto finish = [&] {
    next_offset_ = x.offset + 1;
    return step::done;
  };
  if (event.fault != event_fault::none) {
    bury(x, to_string(event.fault), event.detail);
    return finish();
  }
  auto entry = tickers_.find(event.value.symbol);
  if (entry == tickers_.end()) {
    bury(x, "unknown_ticker",
         event.value.symbol
             + " is not a ticker of this partition (add it to "
               "TICKERFLOW_TICKERS; its key has to be the symbol)");
    return finish();
  }
  auto& ticker = entry->second;
  auto value = event.value;
  if (event.legacy)
    value.interval = ticker.book.interval();
  switch (ticker.book.admit(value)) {
    case ticker_book::outcome::needs_day:
      wanted_.symbol = value.symbol;
      wanted_.day = nyse().day_at(value.start)->date.time_since_epoch().count();
      return step::needs_day;
    case ticker_book::outcome::outside_session:
      bury(x, "outside_session",
           format_rfc3339(value.start)
               + " is in no session of the exchange's calendar");
      return finish();
    case ticker_book::outcome::misaligned:
      bury(x, "misaligned",
           format_rfc3339(value.start) + " is no start of a "
               + format_interval(value.interval) + " bar of its session");
      return finish();
    case ticker_book::outcome::other_interval:
      bury(x, "other_interval",
           value.symbol + " is stored in "
               + format_interval(ticker.book.interval()) + " bars, this one is "
               + format_interval(value.interval));
      return finish();
    case ticker_book::outcome::same: ++duplicates_; return finish();
    case ticker_book::outcome::corrected: ++corrections_; break;
    case ticker_book::outcome::added:
      ++bars_;
      ++ticker.bars;
      break;
  }
  ++pending_;
  if (!ticker.touched) {
    ticker.touched = true;
    touched_.push_back(&ticker);
  }
  return finish();
}

void shard_books::note_lost(std::int64_t first) {
  if (first > next_offset_)
    bury({next_offset_, {}, {}}, "lost",
         "records " + std::to_string(next_offset_) + " to "
             + std::to_string(first - 1)
             + " left the topic before they were stored");
  next_offset_ = first;
}

void shard_books::restore(const stored_day& x) {
  auto entry = tickers_.find(x.symbol);
  if (entry != tickers_.end())
    entry->second.book.restore(x);
}

shard_write shard_books::take_changes() {
  shard_write result;
  result.shard = shard_;
  result.next_offset = next_offset_;
  result.changes.bars.reserve(pending_);
  for (auto ticker : touched_) {
    ticker->book.take_changes(result.changes);
    ticker->touched = false;
  }
  touched_.clear();
  result.dead_letters = std::move(dead_letters_);
  dead_letters_.clear();
  windows_ += static_cast<std::int64_t>(result.changes.windows.size());
  pending_ = 0;
  return result;
}

void shard_books::report(shard_report& out) const {
  out.bars = bars_;
  out.corrections = corrections_;
  out.duplicates = duplicates_;
  out.windows = windows_;
  out.dead_letters = buried_;
  for (auto& [symbol, ticker] : tickers_) {
    ticker_report x;
    x.symbol = symbol;
    auto watermark = ticker.book.watermark();
    if (watermark != timestamp{})
      x.last_bar_s =
          (watermark - ticker.book.interval()).time_since_epoch().count();
    x.last_close_e4 = ticker.book.last_close_e4();
    x.bars = ticker.bars;
    out.tickers.push_back(std::move(x));
  }
}

outgoing_batch_ptr announcements(const shard_write& x,
                                 const topic_names& topics) {
  auto result = std::make_shared<outgoing_batch>();
  for (auto& w : x.changes.windows)
    if (w.value.final)
      result->records.push_back(
          {topics.processed, w.symbol, encode_window_event(w)});
  for (auto& letter : x.dead_letters)
    result->records.push_back({topics.dead_letters,
                               letter.key,
                               letter.payload,
                               {{"reason", letter.reason},
                                {"detail", letter.detail},
                                {"topic", letter.topic},
                                {"partition", std::to_string(letter.shard)},
                                {"offset", std::to_string(letter.offset)}}});
  if (result->records.empty())
    return nullptr;
  return result;
}

} // namespace tickerflow
