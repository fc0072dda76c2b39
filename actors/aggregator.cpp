#include "actors/aggregator.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace tickerflow {

namespace {

std::string_view to_string(shard_phase x) {
  switch (x) {
    case shard_phase::opening: return "opening";
    case shard_phase::running: return "running";
    case shard_phase::retrying: return "retrying";
    case shard_phase::revoking: return "revoking";
  }
  return "???";
}

} // namespace

void aggregator_state::open() {
  shard_claim claim;
  claim.shard = options.shard;
  claim.epoch = options.epoch;
  claim.term = options.term;
  claim.owner = options.node;
  for (auto& x : options.tickers)
    claim.symbols.push_back(x.symbol);
  self->request(writer, options.request_timeout, claim_atom_v, claim)
      .then([this](const shard_state_ptr& x) { opened(*x); },
            [this](caf::error& reason) {
              failed(reason, &aggregator_state::open);
            });
}

void aggregator_state::opened(const shard_state& x) {
  for (auto& day : x.days)
    books->restore(day);
  stored_offset = x.next_offset;
  books->next_offset(stored_offset);
  retry.reset();
  outage_told = false;
  spdlog::info("event=shard_opened shard={} epoch={} next_offset={} tickers={}",
               options.shard, options.epoch, stored_offset,
               options.tickers.size());
  if (phase == shard_phase::revoking) {
    finish_revoke();
    return;
  }
  phase = shard_phase::running;
  self->send(bridge, open_feed_atom_v, options.shard, options.epoch,
             stored_offset, aggregator_actor{self});
  self->send(bridge, grant_atom_v, options.shard, options.epoch,
             options.credit);
}

void aggregator_state::take(const record_batch_ptr& x) {
  if (x->epoch != options.epoch || phase == shard_phase::revoking)
    return;
  high_watermark = std::max(high_watermark, x->high_watermark);
  queue.push_back(x);
  proceed();
}

void aggregator_state::proceed() {
  while (!loading && !queue.empty()
         && books->pending() < options.batch_max_bars)
    if (!process_next_batch())
      return;
  if (phase == shard_phase::revoking)
    finish_revoke();
  else
    write_when_due();
}

bool aggregator_state::process_next_batch() {
  auto batch = queue.front();
  if (batch->lost_before >= 0)
    books->note_lost(batch->lost_before);
  for (; position < batch->records.size(); ++position) {
    auto& record = batch->records[position];
    // A reopened feed may repeat what is taken already.
    if (record.offset < books->next_offset())
      continue;
    if (books->take(record) == shard_books::step::needs_day) {
      // The open write may hold changes of that very day: read it afterwards,
      // `written` offers the record again.
      if (!write_open)
        load(books->wanted());
      return false;
    }
  }
  position = 0;
  queue.pop_front();
  ++used_credit;
  return true;
}

void aggregator_state::load(const day_request& day) {
  loading = true;
  auto mine = day;
  mine.shard = options.shard;
  mine.epoch = options.epoch;
  self->request(writer, options.request_timeout, load_atom_v, mine)
      .then(
          [this](const stored_days_ptr& days) {
            loading = false;
            retry.reset();
            for (auto& x : *days)
              books->restore(x);
            proceed();
          },
          [this](caf::error& reason) {
            failed(reason, &aggregator_state::proceed);
          });
}

void aggregator_state::write_when_due() {
  if (write_open || again || books->next_offset() == stored_offset)
    return;
  // Half of the credit in a write, the other half on its way: waiting for more
  // would wait for nothing.
  auto full = books->pending() >= options.batch_max_bars
              || used_credit * 2 >= options.credit;
  if (full || linger_over) {
    start_write();
    return;
  }
  if (!flush_armed) {
    flush_armed = true;
    self->delayed_send(self, options.linger, flush_atom_v);
  }
}

void aggregator_state::start_write() {
  linger_over = false;
  write_open = true;
  auto next = std::make_shared<shard_write>(books->take_changes());
  next->epoch = options.epoch;
  next->from_offset = stored_offset;
  write_credit = used_credit;
  used_credit = 0;
  publishing = announcements(*next, options.topics);
  writing = std::move(next);
  publish();
}

// Before the write, not after it: a crash between the two then repeats an
// announcement instead of losing it.
void aggregator_state::publish() {
  if (!publishing) {
    write();
    return;
  }
  self->request(bridge, options.request_timeout, publish_atom_v, publishing)
      .then(
          [this](std::int64_t) {
            publishing = nullptr;
            retry.reset();
            write();
          },
          [this](caf::error& reason) {
            failed(reason, &aggregator_state::publish);
          });
}

void aggregator_state::write() {
  self->request(writer, options.request_timeout, write_atom_v, writing)
      .then([this](std::int64_t next_offset) { written(next_offset); },
            [this](caf::error& reason) {
              failed(reason, &aggregator_state::write);
            });
}

void aggregator_state::written(std::int64_t next_offset) {
  stored_offset = next_offset;
  write_open = false;
  writing = nullptr;
  retry.reset();
  if (outage_told) {
    outage_told = false;
    spdlog::info("event=shard_resumed shard={} epoch={} next_offset={}",
                 options.shard, options.epoch, stored_offset);
  }
  if (phase == shard_phase::retrying)
    phase = shard_phase::running;
  if (write_credit > 0)
    self->send(bridge, grant_atom_v, options.shard, options.epoch,
               write_credit);
  write_credit = 0;
  if (phase == shard_phase::revoking) {
    finish_revoke();
    return;
  }
  proceed();
}

/// Retries what may succeed later; ends the actor on all else.
void aggregator_state::failed(caf::error& reason,
                              void (aggregator_state::*next)()) {
  auto may_pass = reason == errc::unavailable || reason == errc::refused
                  || reason == caf::sec::request_timeout;
  if (!may_pass) {
    spdlog::warn("event=shard_stopped shard={} epoch={} reason=\"{}\"",
                 options.shard, options.epoch, text_of(reason));
    self->send(bridge, close_feed_atom_v, options.shard, options.epoch);
    if (revoked.pending())
      revoked.deliver(reason);
    self->quit(std::move(reason));
    return;
  }
  auto wait = retry.next();
  if (!outage_told) {
    outage_told = true;
    spdlog::warn("event=shard_waits shard={} epoch={} reason=\"{}\" "
                 "hint=\"retrying, nothing is lost\"",
                 options.shard, options.epoch, text_of(reason));
  }
  if (phase == shard_phase::running)
    phase = shard_phase::retrying;
  again = next;
  self->delayed_send(self, wait, flush_atom_v);
}

void aggregator_state::flush() {
  if (again) {
    auto next = again;
    again = nullptr;
    if (next == &aggregator_state::proceed)
      loading = false; // the load itself failed: its record is offered again
    (this->*next)();
    return;
  }
  flush_armed = false;
  linger_over = true;
  proceed();
}

/// Writes what is pending, then answers and ends.
void aggregator_state::finish_revoke() {
  if (write_open)
    return;
  if (books->next_offset() != stored_offset) {
    start_write();
    return;
  }
  spdlog::info("event=shard_released shard={} epoch={} next_offset={}",
               options.shard, options.epoch, stored_offset);
  revoked.deliver(stored_offset);
  self->quit();
}

shard_report aggregator_state::report() const {
  shard_report result;
  result.shard = options.shard;
  result.epoch = options.epoch;
  result.next_offset = stored_offset;
  result.lag = std::max<std::int64_t>(0, high_watermark - stored_offset);
  result.state = to_string(phase);
  books->report(result);
  return result;
}

aggregator_actor::behavior_type
aggregator(observed_pointer<aggregator_actor, aggregator_state> self,
           postgres_writer_actor writer, kafka_bridge_actor bridge,
           aggregator_options options) {
  self->label("shard", std::to_string(options.shard));
  auto& state = self->state;
  state.self = self;
  state.writer = std::move(writer);
  state.bridge = std::move(bridge);
  state.books = std::make_unique<shard_books>(options.topics, options.tickers,
                                              options.shard);
  state.retry =
      backoff{std::chrono::milliseconds{200}, std::chrono::seconds{10},
              static_cast<std::uint64_t>(options.shard)};
  state.options = std::move(options);
  state.open();
  return {
      [&state](records_atom, const record_batch_ptr& x) { state.take(x); },
      [&state](flush_atom) { state.flush(); },
      [self](revoke_atom) -> caf::result<std::int64_t> {
        auto& state = self->state;
        state.revoked = self->make_response_promise<std::int64_t>();
        auto opening = state.phase == shard_phase::opening;
        state.phase = shard_phase::revoking;
        self->send(state.bridge, close_feed_atom_v, state.options.shard,
                   state.options.epoch);
        // What is not processed yet is not stored: the next owner reads it.
        state.queue.clear();
        state.position = 0;
        state.loading = false;
        auto promise = state.revoked;
        if (!opening)
          state.finish_revoke();
        return promise;
      },
      [&state](status_atom) { return state.report(); },
  };
}

} // namespace tickerflow
