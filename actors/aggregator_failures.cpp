// What an aggregator does when something fails: wait, count it, or end.

#include "actors/aggregator.hpp"

#include <spdlog/spdlog.h>

namespace tickerflow {

namespace {

/// The server is away, or a neighbour is: it is started again, and what was
/// asked of it is asked again.
bool may_pass(const caf::error& x) {
  return x == errc::unavailable
         || x == errc::refused
         // The schema is not ours: no record is to blame, a person has to act.
         || x == errc::bad_request || x == caf::sec::request_timeout
         || x == caf::sec::request_receiver_down
         || x == caf::sec::runtime_error;
}

} // namespace

/// Ends the actor; the supervisor decides what follows.
void aggregator_state::stop(caf::error reason) {
  spdlog::warn("event=shard_stopped shard={} epoch={} reason=\"{}\"",
               options.shard, options.epoch, text_of(reason));
  self->send(bridge, close_feed_atom_v, options.shard, options.epoch);
  if (revoked.pending())
    revoked.deliver(reason);
  self->quit(std::move(reason));
}

/// Retries what may succeed later; ends the actor on all else.
void aggregator_state::failed(caf::error& reason,
                              void (aggregator_state::*next)()) {
  // Nothing is written any more: only the count matters.
  if (phase == shard_phase::failing && next != &aggregator_state::note_failure)
    return;
  if (!may_pass(reason)) {
    stop(std::move(reason));
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

void aggregator_state::write_failed(caf::error& reason) {
  if (reason == errc::malformed_record || reason == errc::stale_state)
    write_refused(text_of(reason));
  else
    failed(reason, &aggregator_state::write);
}

/// The write can never succeed as it is: finds the record that is to blame.
void aggregator_state::write_refused(const std::string& text) {
  if (phase == shard_phase::failing)
    return;
  if (writing_taken == 1) {
    record_failed(writing_first, text);
    return;
  }
  if (writing_taken == 0) { // the note of a gap
    stop(failure(errc::malformed_record, text));
    return;
  }
  auto half = (writing_taken + 1) / 2;
  spdlog::warn("event=write_refused shard={} epoch={} records={} reason=\"{}\" "
               "hint=\"trying {} at a time\"",
               options.shard, options.epoch, writing_taken, text, half);
  stop(isolation_error(text, {writing_until, half}));
}

/// What is in memory is not to be trusted any more: has the failure counted
/// for whoever comes next, then ends without writing.
void aggregator_state::record_failed(std::int64_t offset,
                                     const std::string& text) {
  spdlog::error("event=record_failed shard={} epoch={} offset={} reason=\"{}\"",
                options.shard, options.epoch, offset, text);
  phase = shard_phase::failing;
  again = nullptr;
  drop_queue();
  self->send(bridge, close_feed_atom_v, options.shard, options.epoch);
  failure_to_note.shard = options.shard;
  failure_to_note.epoch = options.epoch;
  failure_to_note.offset = offset;
  failure_to_note.reason = printable(text);
  note_failure();
}

void aggregator_state::note_failure() {
  self->request(writer, options.request_timeout, failure_atom_v,
                failure_to_note)
      .then(
          [this](std::int32_t failures) {
            stop(failure(errc::failed_record,
                         "record " + std::to_string(failure_to_note.offset)
                             + " failed " + std::to_string(failures)
                             + " times: " + failure_to_note.reason));
          },
          [this](caf::error& reason) {
            failed(reason, &aggregator_state::note_failure);
          });
}

} // namespace tickerflow
