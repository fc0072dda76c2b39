// What actors tell operators of their states. No secret, and nothing that takes
// long to find out: it is said between two messages.

#include "actors/aggregator.hpp"
#include "actors/api_client.hpp"
#include "actors/coordinator.hpp"
#include "actors/fetcher.hpp"
#include "actors/kafka_bridge.hpp"
#include "actors/leadership_keeper.hpp"
#include "actors/link_connector.hpp"
#include "actors/node_supervisor.hpp"
#include "actors/postgres_writer.hpp"
#include "actors/quota.hpp"
#include "actors/state_page.hpp"
#include "io/kafka/producer.hpp"
#include "io/kafka/reader.hpp"
#include "io/postgres/leadership.hpp"
#include "io/postgres/shard_store.hpp"
#include "market/exchange_time.hpp"

#include <iterator>

namespace tickerflow {

namespace {

using std::chrono::milliseconds;
using steady = std::chrono::steady_clock;

milliseconds since(steady::time_point x) {
  return std::chrono::duration_cast<milliseconds>(steady::now() - x);
}

/// The first of a container that may be long, as `make` tells each.
template <class Container, class Make>
std::vector<state_page> pages(const Container& xs, Make make) {
  std::vector<state_page> result;
  for (auto& x : xs) {
    // One more than is shown, so that it says that there are more.
    if (result.size() > state_page::most_items)
      break;
    result.push_back(make(x));
  }
  return result;
}

std::vector<std::string> first_of(const std::set<std::string>& xs) {
  auto count = std::min(xs.size(), state_page::most_items + 1);
  return {xs.begin(),
          std::next(xs.begin(), static_cast<std::ptrdiff_t>(count))};
}

std::string time_text(timestamp x) {
  return x == timestamp{} ? "never" : format_rfc3339(x);
}

} // namespace

void aggregator_state::tell(state_page& out) const {
  out.add("shard", options.shard)
      .add("epoch", options.epoch)
      .add("term", options.term)
      .add("phase", to_string(phase))
      .add("tickers", options.tickers.size())
      .add("stored_offset", stored_offset)
      .add("high_watermark", high_watermark)
      .add("records_waiting", waiting)
      .add("batches_waiting", queue.size())
      .add("credit", options.credit)
      .add("credit_used", used_credit)
      .add("write_open", write_open)
      .add("loading_a_day", loading)
      .add("suspect_records", suspects.size())
      .add("outage", outage_told);
  if (books)
    out.add("next_offset", books->next_offset())
        .add("rows_pending", books->pending());
}

void fetcher_state::tell(state_page& out) const {
  out.add("symbol", options.symbol)
      .add("interval_s", options.interval.count())
      .add("doing", status())
      .add("held", held)
      .add("covered_until", time_text(covered_until))
      .add("months_to_fetch", history.size())
      .add("publishing", publishing != nullptr)
      .add("buried_rows", buried.size())
      .add("source_clock_rate", source.rate())
      .add("retry_after_ms", retry_after)
      .add("complaint", complaint);
}

void kafka_bridge_state::tell(state_page& out) const {
  out.add("topic", options.reader.topic)
      .add("most_batches", options.most_batches)
      .add("feeds", pages(feeds, [](auto& x) {
             auto& [shard, feed] = x;
             state_page page;
             return page.add("shard", shard)
                 .add("epoch", feed.epoch)
                 .add("next_offset", feed.next_offset)
                 .add("credit", feed.credit)
                 .add("open", feed.open);
           }));
}

void postgres_writer_state::tell(state_page& out) const {
  out.add("claims", claims)
      .add("writes", writes)
      .add("loads", loads)
      .add("failures", failures)
      .add("last_failure", last_failure);
}

void api_client_state::tell(state_page& out) const {
  out.add("extended_hours", options.extended_hours)
      .add("entitlement", options.entitlement)
      .add("labels_are_ends", options.labels_are_ends->load());
}

void node_supervisor_state::tell(state_page& out) const {
  out.add("node", options.node.name)
      .add("registered", coordinator != nullptr)
      .add("term", gate.term())
      .add("drained", options.node.drained)
      .add("leaving", leaving)
      .add("beat_open", beat_open)
      .add("paused_tickers", first_of(paused))
      .add("shards", pages(shards,
                           [](auto& x) {
                             auto& [id, shard] = x;
                             state_page page;
                             return page.add("shard", id)
                                 .add("epoch", shard.order.epoch)
                                 .add("state", shard.report.state)
                                 .add("lag", shard.report.lag)
                                 .add("tickers", shard.order.tickers.size())
                                 .add("fetchers", shard.fetchers.size())
                                 .add("held", shard.pressed)
                                 .add("revoking", shard.revoking)
                                 .add("failures_of_late",
                                      shard.restarts.recent());
                           }))
      .add("neighbours", pages(options.neighbours, [](auto& x) {
             state_page page;
             return page.add("kind", x.kind)
                 .add("waits_to_restart", x.due.has_value())
                 .add("failures_of_late", x.restarts.recent());
           }));
  if (coordinator)
    out.add("master_answered_ms", since(answered));
}

void coordinator_state::tell(state_page& out) const {
  out.add("term", options.term)
      .add("shards", tickers.size())
      .add("tickers", options.tickers.size())
      .add("paused_tickers", first_of(paused))
      .add("status_questions_open", asked.size())
      .add("nodes", pages(nodes, [](auto& x) {
             auto& [name, node] = x;
             state_page page;
             page.add("name", name)
                 .add("drained", node.drained)
                 .add("shards", node.report.shards.size());
             return page;
           }));
}

void quota_state::tell(state_page& out) const {
  auto x = status();
  out.add("calls_per_minute", x.calls_per_minute)
      .add("calls_per_day", x.calls_per_day)
      .add("used_today", x.used_today)
      .add("granted", x.granted)
      .add("refused", x.refused)
      .add("closed_for_ms", x.closed_for_ms)
      .add("closed_reason", x.closed_reason)
      .add("ledger_read", loaded);
}

void link_connector_state::tell(state_page& out) const {
  out.add("attempts", attempts)
      .add("last_peer", last_peer)
      .add("last_failure", last_failure);
}

void leadership_keeper_state::tell(state_page& out) const {
  out.add("term", hold->term())
      .add("renewed", !outage_told)
      .add("coordinator_answered_ms", since(answered))
      .add("masters", pages(hold->masters(), [](auto& x) {
             state_page page;
             return page.add("name", x.name)
                 .add("leading", x.leading)
                 .add("seen_ms", x.seen_ms);
           }));
}

} // namespace tickerflow
