#pragma once

// A node's neighbours in memory: a topic that can be read again, a database
// that fences, counts failures and refuses what a test says.

#include "actors/node_supervisor.hpp"
#include "io/event/event.hpp"
#include "market/exchange_time.hpp"
#include "messages/kafka_bridge.hpp"
#include "messages/postgres_writer.hpp"

#include <caf/all.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tickerflow {

/// What all nodes share.
struct script {
  // The topic, one partition.
  std::vector<std::string> topic;
  // The database.
  std::int64_t epoch = 0;
  std::string owner;
  std::int64_t next_offset = 0;
  std::map<std::int64_t, record_failure> failures;
  std::map<std::string, int> bars; // rows by start, how often inserted
  std::vector<dead_letter> letters;
  std::function<caf::error(const shard_write&)> refuse;
  int writer_throws = 0; // so many writes end the writer
  // What happened.
  int claims = 0;
  int writes = 0;
  int refused = 0;
  int feeds = 0;
  std::int32_t credit = 0; // of the feed, not used yet
};

inline postgres_writer_actor::behavior_type
scripted_writer(postgres_writer_actor::pointer self, script* s) {
  self->set_exception_handler([](std::exception_ptr&) {
    return caf::make_error(caf::sec::runtime_error, std::string{"thrown"});
  });
  auto fenced = [s] {
    return caf::make_error(errc::fenced, std::string{"fenced"}, s->epoch);
  };
  return {
      [=](claim_atom, const shard_claim& x) -> caf::result<shard_state_ptr> {
        if (x.epoch < s->epoch || (x.epoch == s->epoch && x.owner != s->owner))
          return fenced();
        ++s->claims;
        s->epoch = x.epoch;
        s->owner = x.owner;
        auto result = std::make_shared<shard_state>();
        result->next_offset = s->next_offset;
        for (auto& [offset, failure] : s->failures)
          result->failures.push_back(failure);
        for (auto& symbol : x.symbols) {
          stored_day day;
          day.symbol = symbol;
          day.date = date::sys_days{date::year{2020} / 11 / 2};
          for (auto& [start, count] : s->bars) {
            stored_bar row;
            row.value.symbol = symbol;
            row.value.start = *parse_rfc3339(start);
            row.value.open_e4 = row.value.high_e4 = row.value.low_e4 =
                row.value.close_e4 = price_scale;
            row.value.volume_shares = 10;
            day.watermark = row.value.end();
            day.bars.push_back(row);
          }
          if (!day.bars.empty())
            result->days.push_back(day);
        }
        return shard_state_ptr{result};
      },
      [=](write_atom, const shard_write_ptr& x) -> caf::result<std::int64_t> {
        if (s->writer_throws > 0) {
          --s->writer_throws;
          throw std::runtime_error("no memory");
        }
        if (x->epoch != s->epoch)
          return fenced();
        if (x->next_offset == s->next_offset)
          return s->next_offset; // committed before
        if (x->from_offset != s->next_offset)
          return failure(errc::stale_state, "another offset");
        if (s->refuse)
          if (auto error = s->refuse(*x)) {
            ++s->refused;
            return error;
          }
        ++s->writes;
        s->next_offset = x->next_offset;
        for (auto& bar : x->changes.bars)
          ++s->bars[format_rfc3339(bar.value.start)];
        s->letters.insert(s->letters.end(), x->dead_letters.begin(),
                          x->dead_letters.end());
        if (x->passes_failures)
          s->failures.erase(s->failures.begin(),
                            s->failures.lower_bound(s->next_offset));
        return s->next_offset;
      },
      [=](failure_atom, const record_failure& x) -> caf::result<std::int32_t> {
        if (x.epoch != s->epoch)
          return fenced();
        auto& row = s->failures[x.offset];
        row.offset = x.offset;
        row.reason = x.reason;
        return ++row.failures;
      },
      [](load_atom, const day_request& x) -> caf::result<stored_days_ptr> {
        stored_day empty;
        empty.symbol = x.symbol;
        empty.date = date::sys_days{date::days{static_cast<int>(x.day)}};
        return std::make_shared<const std::vector<stored_day>>(1, empty);
      },
  };
}

/// The feed of one bridge; it is gone with it.
struct scripted_feed {
  static constexpr const char* name = "bridge";

  std::int64_t epoch = 0;
  std::int64_t next_offset = 0;
  std::int32_t credit = 0;
  aggregator_actor aggregator;
};

inline kafka_bridge_actor::behavior_type
scripted_bridge(kafka_bridge_actor::stateful_pointer<scripted_feed> self,
                script* s) {
  auto pump = [=] {
    auto& feed = self->state;
    constexpr std::int64_t batch_records = 10;
    auto end = static_cast<std::int64_t>(s->topic.size());
    while (feed.credit > 0 && feed.next_offset < end) {
      auto batch = std::make_shared<record_batch>();
      batch->epoch = feed.epoch;
      batch->high_watermark = end;
      for (; feed.next_offset < end
             && batch->records.size() < size_t{batch_records};
           ++feed.next_offset)
        batch->records.push_back(
            {feed.next_offset, "TSLA",
             s->topic[static_cast<size_t>(feed.next_offset)]});
      --feed.credit;
      self->send(feed.aggregator, records_atom_v, record_batch_ptr{batch});
    }
    s->credit = feed.credit;
  };
  return {
      [=](open_feed_atom, std::int32_t, std::int64_t epoch, std::int64_t offset,
          const aggregator_actor& x) {
        ++s->feeds;
        self->state.epoch = epoch;
        self->state.next_offset = offset;
        self->state.credit = 0;
        self->state.aggregator = x;
      },
      [=](close_feed_atom, std::int32_t, std::int64_t epoch) {
        if (self->state.epoch == epoch)
          self->state.credit = -1'000;
      },
      [=](grant_atom, std::int32_t, std::int64_t, std::int32_t credit) {
        self->state.credit += credit;
        pump();
      },
      [](publish_atom, const outgoing_batch_ptr& x) {
        return static_cast<std::int64_t>(x->records.size());
      },
      [=](poll_atom) { pump(); },
  };
}

/// @returns the event of minute n of a day, all prices the same
inline std::string minute_event(int n) {
  bar x;
  x.symbol = "TSLA";
  x.start = *parse_rfc3339("2020-11-02T14:30:00Z") + std::chrono::minutes{n};
  x.open_e4 = x.high_e4 = x.low_e4 = x.close_e4 = price_scale;
  x.volume_shares = 10;
  return encode_event(x, session::regular, "test", x.start, 0);
}

} // namespace tickerflow
