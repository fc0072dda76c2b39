#include "io/legacy/adopting_writer.hpp"

#include "market/shard.hpp"

#include <algorithm>

namespace tickerflow {

namespace {

constexpr const char* owner_name = "migrate-legacy";

/// A claim that was lost says what to do about it.
caf::error told(const caf::error& reason) {
  if (reason != errc::fenced)
    return reason;
  return failure(errc::fenced,
                 "a node has started and claimed the shard: " + text_of(reason)
                     + " (stop master and workers and run this again; what is "
                       "stored stays and is recognised)");
}

} // namespace

struct adopting_writer::split {
  std::vector<const merged_bar*> fresh;
  std::vector<const merged_bar*> known;
  std::vector<const merged_bar*> ours_kept;

  split(const std::vector<merged_bar>& bars, const stored_day& stored) {
    for (auto& x : bars) {
      auto found =
          std::find_if(stored.bars.begin(), stored.bars.end(),
                       [&](auto& y) { return y.value.start == x.value.start; });
      if (found == stored.bars.end())
        fresh.push_back(&x);
      else if (agrees(x.value, found->value))
        known.push_back(&x);
      else
        ours_kept.push_back(&x);
    }
  }

  /// The earlier table mostly has no volume: that is no difference.
  static bool agrees(bar theirs, const bar& ours) {
    if (theirs.volume_shares == no_volume)
      theirs.volume_shares = ours.volume_shares;
    return same_values(theirs, ours);
  }
};

adopting_writer::adopting_writer(adopting_options options, adoption& to,
                                 left_out_file& file)
    : options_(std::move(options)), to_(&to), file_(&file),
      store_(options_.dsn) {
  // nop
}

caf::expected<stored_day> adopting_writer::load(const std::string& symbol,
                                                const trading_day& day) {
  stored_day result;
  result.symbol = symbol;
  result.date = day.date;
  if (!options_.tables_ready)
    return result;
  auto days = store_.load({symbol, day.date.time_since_epoch().count()});
  if (!days)
    return days.error();
  for (auto& x : *days)
    result = std::move(x);
  return result;
}

caf::error adopting_writer::claim(const std::string& symbol,
                                  std::chrono::seconds interval) {
  write_ = {};
  write_.shard = shard_of(symbol, options_.shards);
  auto next = to_->next_claim(write_.shard);
  if (!next)
    return next.error();
  next->owner = owner_name;
  next->symbols = {symbol};
  write_.epoch = next->epoch;
  auto state = store_.claim(*next);
  if (!state)
    return told(state.error());
  write_.from_offset = write_.next_offset = state->next_offset;
  book_ = std::make_unique<ticker_book>(symbol, interval, nyse());
  for (auto& x : state->days)
    book_->restore(x);
  return caf::none;
}

caf::error adopting_writer::put(const std::string& symbol,
                                const trading_day& day,
                                const std::vector<merged_bar>& bars,
                                ticker_migration& counts) {
  if (bars.empty())
    return caf::none;
  if (book_ && book_->symbol() != symbol) {
    if (auto error = finish())
      return error;
  }
  // Pending changes of a day that comes again are not in the database yet.
  if (book_ && day.date <= last_day_)
    if (auto error = flush())
      return error;
  auto stored = load(symbol, day);
  if (!stored)
    return stored.error();
  auto writes = !options_.dry_run && !split{bars, *stored}.fresh.empty();
  if (writes && !book_) {
    if (auto error = claim(symbol, bars.front().value.interval))
      return error;
    // Read again: until the claim another owner could write.
    stored = load(symbol, day);
    if (!stored)
      return stored.error();
  }
  split parts{bars, *stored};
  for (auto& x : bars) {
    counts.doubled += x.doubled;
    if (counts.first == timestamp{} || x.value.start < counts.first)
      counts.first = x.value.start;
    counts.last = std::max(counts.last, x.value.start);
  }
  counts.known += static_cast<std::int64_t>(parts.known.size());
  for (auto x : parts.ours_kept) {
    ++counts.left_out[static_cast<size_t>(left_out_reason::ours_kept)];
    if (auto error =
            file_->add(left_out_reason::ours_kept,
                       "Tickerflow has other values for this bar", x->row))
      return error;
  }
  if (options_.dry_run) {
    auto fresh = static_cast<std::int64_t>(parts.fresh.size());
    counts.stored += fresh;
    stored_ += fresh;
    return caf::none;
  }
  if (parts.fresh.empty())
    return caf::none;
  for (auto x : parts.fresh)
    if (auto error = admit(*x, *stored))
      return error;
  counts_ = &counts;
  last_day_ = day.date;
  pending_ += static_cast<std::int64_t>(parts.fresh.size());
  return static_cast<size_t>(pending_) >= options_.batch_bars ? flush()
                                                              : caf::error{};
}

caf::error adopting_writer::admit(const merged_bar& x, const stored_day& day) {
  auto outcome = book_->admit(x.value);
  if (outcome == ticker_book::outcome::needs_day) {
    book_->restore(day);
    outcome = book_->admit(x.value);
  }
  if (outcome == ticker_book::outcome::added)
    return caf::none;
  // Session, grid and interval were checked, and no such bar is stored.
  return failure(errc::stale_state,
                 x.value.symbol + ' ' + format_rfc3339(x.value.start)
                     + ": the bar cannot be added to what is stored (run this "
                       "again; if it stays so, it is a fault of Tickerflow)");
}

caf::error adopting_writer::flush() {
  if (pending_ == 0)
    return caf::none;
  auto next = write_;
  book_->take_changes(next.changes);
  auto windows = static_cast<std::int64_t>(next.changes.windows.size());
  // Not repeated if it fails: the offsets stay as they are, so a commit whose
  // answer was lost would not be recognised. The next run recognises its bars.
  auto done = store_.write(next);
  if (!done)
    return told(done.error());
  windows_ += windows;
  stored_ += pending_;
  counts_->stored += pending_;
  pending_ = 0;
  return caf::none;
}

caf::error adopting_writer::finish() {
  if (!book_)
    return caf::none;
  if (auto error = flush())
    return error;
  book_.reset();
  last_day_ = {};
  return to_->release(write_.shard, write_.epoch);
}

} // namespace tickerflow
