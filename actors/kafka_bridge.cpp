#include "actors/kafka_bridge.hpp"

#include <spdlog/spdlog.h>

namespace tickerflow {

void kafka_bridge_state::open_feed(std::int32_t shard, std::int64_t epoch,
                                   std::int64_t offset,
                                   const aggregator_actor& aggregator) {
  auto& feed = feeds[shard];
  if (feed.epoch > epoch)
    return; // a late order
  feed.epoch = epoch;
  feed.next_offset = offset;
  feed.credit = 0;
  feed.aggregator = aggregator;
  auto error = reader->open(shard, offset);
  feed.open = !error;
  if (error)
    spdlog::warn("event=feed_not_opened shard={} offset={} reason=\"{}\"",
                 shard, offset, text_of(error));
  else
    spdlog::info("event=feed_opened shard={} epoch={} offset={}", shard, epoch,
                 offset);
}

void kafka_bridge_state::close_feed(std::int32_t shard, std::int64_t epoch) {
  auto feed = feeds.find(shard);
  if (feed == feeds.end() || feed->second.epoch != epoch)
    return;
  reader->close(shard);
  feeds.erase(feed);
}

void kafka_bridge_state::reposition(std::int32_t shard, kafka_feed& feed,
                                    caf::error& reason) {
  auto range = available_range(reason);
  if (!range)
    return; // unavailable: the next poll tries again
  // Only one of these two can be: records expired before they were stored, or
  // the topic was made anew. Either way the aggregator writes down what is
  // missing; an end before our offset must not be skipped to silently.
  record_batch gap;
  gap.shard = shard;
  gap.epoch = feed.epoch;
  gap.high_watermark = range->end;
  gap.lost_before = range->first;
  --feed.credit;
  spdlog::error("event=records_lost shard={} wanted_offset={} first_offset={} "
                "end_offset={} hint=\"the topic's retention is shorter than "
                "the outage, or the topic was made anew; the gap is in "
                "pipeline.dead_letter\"",
                shard, feed.next_offset, range->first, range->end);
  feed.next_offset = range->first;
  feed.open = !reader->open(shard, range->first);
  self->send(feed.aggregator, records_atom_v,
             std::make_shared<const record_batch>(std::move(gap)));
}

bool kafka_bridge_state::pump(std::int32_t shard, kafka_feed& feed) {
  if (feed.credit <= 0)
    return false;
  if (!feed.open) {
    feed.open = !reader->open(shard, feed.next_offset);
    return false;
  }
  auto batch = reader->take(shard);
  if (!batch) {
    reposition(shard, feed, batch.error());
    return false;
  }
  if (batch->records.empty())
    return false;
  batch->epoch = feed.epoch;
  feed.next_offset = batch->records.back().offset + 1;
  --feed.credit;
  self->send(feed.aggregator, records_atom_v,
             std::make_shared<const record_batch>(std::move(*batch)));
  return true;
}

void kafka_bridge_state::count_produced() {
  records->set(static_cast<std::int64_t>(producer->records()));
  batches->set(static_cast<std::int64_t>(producer->batches()));
}

void kafka_bridge_state::poll() {
  producer->poll();
  count_produced();
  bool busy = false;
  for (auto& [shard, feed] : feeds)
    busy |= pump(shard, feed);
  if (!busy)
    reader->wait(options.idle_wait);
  self->send(self, poll_atom_v);
}

kafka_bridge_actor::behavior_type
kafka_bridge(observed_pointer<kafka_bridge_actor, kafka_bridge_state> self,
             kafka_bridge_options options) {
  auto& state = self->state;
  state.self = self;
  state.options = std::move(options);
  auto reader = kafka_reader::make(state.options.reader);
  if (!reader) {
    self->quit(std::move(reader.error()));
    return kafka_bridge_actor::behavior_type::make_empty_behavior();
  }
  state.reader = std::move(*reader);
  auto producer = kafka_producer::make(state.options.reader.kafka,
                                       state.reader->wakeup_fd());
  if (!producer) {
    self->quit(std::move(producer.error()));
    return kafka_bridge_actor::behavior_type::make_empty_behavior();
  }
  state.producer = std::move(*producer);
  state.records = actor_board::instance().queue("kafka_producer_records",
                                                kafka_producer::most_records);
  state.batches = actor_board::instance().queue(
      "kafka_producer_batches",
      static_cast<std::int64_t>(state.options.most_batches));
  self->send(self, poll_atom_v);
  return {
      [&state](open_feed_atom, std::int32_t shard, std::int64_t epoch,
               std::int64_t offset, const aggregator_actor& aggregator) {
        state.open_feed(shard, epoch, offset, aggregator);
      },
      [&state](close_feed_atom, std::int32_t shard, std::int64_t epoch) {
        state.close_feed(shard, epoch);
      },
      [&state](grant_atom, std::int32_t shard, std::int64_t epoch,
               std::int32_t credit) {
        auto feed = state.feeds.find(shard);
        if (feed != state.feeds.end() && feed->second.epoch == epoch)
          feed->second.credit += credit;
      },
      [self](publish_atom,
             const outgoing_batch_ptr& batch) -> caf::result<std::int64_t> {
        auto& state = self->state;
        if (state.producer->batches() >= state.options.most_batches)
          return failure(errc::unavailable,
                         "too many batches wait for Kafka already");
        auto promise = self->make_response_promise<std::int64_t>();
        state.producer->send(
            batch, [promise](caf::expected<std::int64_t> done) mutable {
              if (done)
                promise.deliver(*done);
              else
                promise.deliver(std::move(done.error()));
            });
        state.count_produced();
        return promise;
      },
      [&state](poll_atom) { state.poll(); },
  };
}

} // namespace tickerflow
