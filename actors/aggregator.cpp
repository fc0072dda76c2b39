#include "actors/aggregator.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace tickerflow {

std::string_view to_string(shard_phase x) {
  switch (x) {
    case shard_phase::opening: return "opening";
    case shard_phase::running: return "running";
    case shard_phase::retrying: return "retrying";
    case shard_phase::failing: return "failing";
    case shard_phase::revoking: return "revoking";
  }
  return "???";
}

namespace {} // namespace

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
  for (auto& failure : x.failures)
    suspects[failure.offset] = failure;
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
  open_feed();
}

/// Has the partition read from the first record that is not processed.
void aggregator_state::open_feed() {
  self->send(bridge, open_feed_atom_v, options.shard, options.epoch,
             books->next_offset(), aggregator_actor{self});
  self->send(bridge, grant_atom_v, options.shard, options.epoch,
             options.credit);
}

void aggregator_state::take(const record_batch_ptr& x) {
  if (x->epoch != options.epoch || phase == shard_phase::revoking
      || phase == shard_phase::failing)
    return;
  // What the bridge before it had sent is read again.
  auto& sender = self->current_sender();
  if (sender && sender != caf::actor_cast<caf::strong_actor_ptr>(bridge))
    return;
  high_watermark = std::max(high_watermark, x->high_watermark);
  queue.push_back(x);
  waiting += static_cast<std::int64_t>(x->records.size());
  waiting_counter->set(waiting);
  proceed();
}

void aggregator_state::drop_queue() {
  queue.clear();
  position = 0;
  waiting = 0;
  waiting_counter->set(0);
}

void aggregator_state::proceed() {
  if (phase == shard_phase::failing)
    return;
  while (!loading && !queue.empty() && !cut
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
    if (is_cut_before(record.offset)) {
      cut = true;
      return true;
    }
    if (!process(record))
      return false;
  }
  position = 0;
  waiting -= static_cast<std::int64_t>(batch->records.size());
  waiting_counter->set(waiting);
  queue.pop_front();
  ++used_credit;
  return true;
}

/// Records at which aggregators failed, and those of a write that PostgreSQL
/// refused, are not written together with all others.
bool aggregator_state::is_cut_before(std::int64_t offset) const {
  if (taken == 0)
    return false;
  auto& limit = options.isolate;
  return suspect_taken || suspects.count(offset) > 0
         || (taken >= limit.records && books->next_offset() < limit.until);
}

/// @returns false: not done, do not go on
bool aggregator_state::process(const raw_record& x) {
  auto suspect = suspects.empty() ? suspects.end() : suspects.find(x.offset);
  if (suspect != suspects.end()
      && suspect->second.failures >= poison_failures) {
    spdlog::error("event=record_poisonous shard={} offset={} failures={} "
                  "reason=\"{}\" hint=\"passed; it is in "
                  "pipeline.dead_letter\"",
                  options.shard, x.offset, suspect->second.failures,
                  suspect->second.reason);
    books->pass(x, suspect->second.reason);
  } else {
    auto step = shard_books::step::done;
    try {
      if (options.on_record)
        options.on_record(x);
      step = books->take(x);
    } catch (const std::exception& e) {
      record_failed(x.offset, e.what());
      return false;
    }
    if (step == shard_books::step::needs_day) {
      // The open write may hold changes of that very day: read it afterwards,
      // `written` offers the record again.
      if (!write_open)
        load(books->wanted(), x.offset);
      return false;
    }
    suspect_taken |= suspect != suspects.end();
  }
  if (taken++ == 0)
    first_taken = x.offset;
  return true;
}

/// Loads the day that a record asks for.
void aggregator_state::load(const day_request& day, std::int64_t offset) {
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
          [this, offset](caf::error& reason) {
            if (reason == errc::malformed_record
                && phase != shard_phase::revoking)
              record_failed(offset, text_of(reason));
            else
              failed(reason, &aggregator_state::proceed);
          });
}

void aggregator_state::write_when_due() {
  // A day that is read while a write is open may be the one before it: put
  // into memory behind it, it would take back the revisions of its windows.
  if (write_open || loading || again || books->next_offset() == stored_offset)
    return;
  // Half of the credit in a write, the other half on its way: waiting for more
  // would wait for nothing.
  auto full = books->pending() >= options.batch_max_bars || cut
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
  cut = false;
  suspect_taken = false;
  writing_taken = std::exchange(taken, 0);
  writing_first = first_taken;
  writing_until = books->next_offset();
  write_credit = std::exchange(used_credit, 0);
  try {
    auto next = std::make_shared<shard_write>(books->take_changes());
    next->epoch = options.epoch;
    next->from_offset = stored_offset;
    next->passes_failures =
        !suspects.empty() && suspects.begin()->first < next->next_offset;
    publishing = announcements(*next, options.topics);
    writing = std::move(next);
  } catch (const std::exception& e) {
    write_refused(e.what());
    return;
  }
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
            [this](caf::error& reason) { write_failed(reason); });
}

void aggregator_state::written(std::int64_t next_offset) {
  stored_offset = next_offset;
  write_open = false;
  writing = nullptr;
  suspects.erase(suspects.begin(), suspects.lower_bound(stored_offset));
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

/// A neighbour failed and another has taken its place.
void aggregator_state::replace(const caf::strong_actor_ptr& old,
                               const caf::strong_actor_ptr& fresh) {
  if (old == caf::actor_cast<caf::strong_actor_ptr>(writer))
    writer = caf::actor_cast<postgres_writer_actor>(fresh);
  if (old == caf::actor_cast<caf::strong_actor_ptr>(bridge)) {
    bridge = caf::actor_cast<kafka_bridge_actor>(fresh);
    // Credit dies with the one that had it.
    drop_queue();
    used_credit = 0;
    write_credit = 0;
    if (phase == shard_phase::running || phase == shard_phase::retrying)
      open_feed();
  }
  if (again) { // what it waits for is there
    retry.reset();
    self->send(self, flush_atom_v);
  }
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
  state.waiting_counter = actor_board::instance().queue(
      "aggregator_records",
      std::int64_t{state.options.credit} * state.options.batch_records);
  state.open();
  return {
      [&state](records_atom, const record_batch_ptr& x) { state.take(x); },
      [&state](flush_atom) { state.flush(); },
      [self](revoke_atom) -> caf::result<std::int64_t> {
        auto& state = self->state;
        state.revoked = self->make_response_promise<std::int64_t>();
        if (state.phase == shard_phase::failing)
          return state.revoked; // ends in a moment
        auto opening = state.phase == shard_phase::opening;
        state.phase = shard_phase::revoking;
        self->send(state.bridge, close_feed_atom_v, state.options.shard,
                   state.options.epoch);
        // What is not processed yet is not stored: the next owner reads it.
        state.drop_queue();
        state.loading = false;
        auto promise = state.revoked;
        if (!opening)
          state.finish_revoke();
        return promise;
      },
      [&state](restart_atom, const caf::strong_actor_ptr& old,
               const caf::strong_actor_ptr& fresh) {
        state.replace(old, fresh);
      },
      [&state](status_atom) { return state.report(); },
  };
}

} // namespace tickerflow
