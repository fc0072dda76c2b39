#include "actors/fetcher.hpp"

#include "actors/api_client.hpp"
#include "io/event/event.hpp"
#include "market/calendar.hpp"
#include "market/exchange_time.hpp"

#include <spdlog/spdlog.h>

namespace tickerflow {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr size_t compact_bars = 100; // in the API's short answer
constexpr minutes plan_delay{15};    // of an answer that says so

timestamp local_now() {
  return std::chrono::time_point_cast<seconds>(
      std::chrono::system_clock::now());
}

/// The months before `now`, oldest first, the running one last: "2026-11".
std::deque<std::string> months_before(timestamp now, int count) {
  std::deque<std::string> result;
  date::year_month_day today{date::floor<date::days>(now)};
  for (int i = count - 1; i >= 0; --i) {
    auto month = today.year() / today.month() - date::months{i};
    result.push_back(date::format("%Y-%m", month));
  }
  return result;
}

std::string seconds_text(milliseconds x) {
  return std::to_string((x.count() + 999) / 1000) + " s";
}

} // namespace

milliseconds fetcher_state::jittered(milliseconds x) {
  auto tenth = std::max<std::int64_t>(1, x.count() / 10);
  std::uniform_int_distribution<std::int64_t> cut{0, 2 * tenth};
  return milliseconds{x.count() - tenth + cut(random)};
}

void fetcher_state::next_after(milliseconds wait, std::string why) {
  text = std::move(why);
  waiting = true;
  self->delayed_send(self, wait, poll_atom_v);
}

void fetcher_state::step() {
  waiting = false;
  if (next == stage::publish)
    publish(); // what is fetched is published, pressure or not
  else if (held)
    text = "held: the shard is behind";
  else if (next == stage::call)
    call();
  else
    ask_permit();
}

void fetcher_state::ask_permit() {
  text = "asks for a permit";
  self->request(quota, options.quota_timeout, acquire_atom_v,
                options.ticker.symbol)
      .then(
          [this](const api_permit& x) {
            milliseconds wait{x.wait_ms};
            if (x.granted) {
              next = stage::call;
              next_after(wait, "has a permit in " + seconds_text(wait));
            } else {
              next_after(wait, "waits for the API budget: " + x.reason);
            }
          },
          [this](const caf::error&) {
            next_after(retry.next(), "waits for the master's quota");
          });
}

void fetcher_state::call() {
  // A held fetcher keeps its permit's slot; the next round asks for another.
  next = stage::permit;
  if (!months_planned) {
    months_planned = true;
    if (options.last_stored == timestamp{} && options.backfill_months > 0)
      months =
          months_before(source_now == timestamp{} ? local_now() : source_now,
                        options.backfill_months);
  }
  request.symbol = options.ticker.symbol;
  request.interval = seconds{options.ticker.interval_s};
  request.month = months.empty() ? std::string{} : months.front();
  request.full = request.month.empty() && want_full && !full_refused;
  text = "calls the API";
  self->request(api, options.call_timeout, fetch_atom_v, request)
      .then([this](const intraday_answer_ptr& x) { answered(*x); },
            [this](const caf::error& reason) { refused(reason); });
}

void fetcher_state::note_rejected(const std::string& what,
                                  outgoing_batch& out) {
  if (!rejected.insert(what).second)
    return; // the same row comes with every poll
  if (rejected.size() > 1000)
    rejected.clear();
  out.records.push_back(
      {options.topic, options.ticker.symbol,
       encode_rejected(options.ticker.symbol, options.source, what)});
}

void fetcher_state::answered(const intraday_answer& x) {
  retry.reset();
  source_now = x.source_now;
  if (!request.month.empty())
    months.pop_front();
  auto batch = std::make_shared<outgoing_batch>();
  outgoing_bars.clear();
  auto known_end =
      std::max(seen.newest_end(), options.last_stored == timestamp{}
                                      ? timestamp{}
                                      : options.last_stored + request.interval);
  auto final_before =
      x.source_now - options.grace - (x.delayed ? plan_delay : minutes{0});
  for (auto& b : x.bars) {
    if (b.end() > final_before)
      continue; // may still change
    auto revision = seen.revision_of(b);
    if (revision < 0)
      continue;
    auto day = nyse().day_at(b.start);
    auto part = day ? day->session_at(b.start) : std::nullopt;
    outgoing_bars.emplace_back(b, revision);
    batch->records.push_back(
        {options.topic, b.symbol,
         encode_event(b, part.value_or(session::regular), options.source,
                      local_now(), revision)});
  }
  for (auto& row : x.rejected)
    note_rejected(row, *batch);
  // The newest hundred begin after what we have: there may be bars between.
  auto compact = request.month.empty() && !request.full;
  want_full = compact && known_end != timestamp{}
              && x.bars.size() >= compact_bars
              && x.bars.front().start > known_end;
  outgoing = std::move(batch);
  publish();
}

void fetcher_state::publish() {
  if (outgoing->records.empty()) {
    published();
    return;
  }
  next = stage::publish;
  text = "publishes " + std::to_string(outgoing->records.size()) + " records";
  self->request(bridge, options.publish_timeout, publish_atom_v, outgoing)
      .then([this](std::int64_t) { published(); },
            [this](const caf::error& reason) {
              // The same batch again: nothing that was fetched is forgotten.
              next_after(retry.next(), "waits for Kafka: " + text_of(reason));
            });
}

void fetcher_state::published() {
  retry.reset();
  next = stage::permit;
  for (auto& [b, revision] : outgoing_bars)
    seen.add(b, revision);
  outgoing_bars.clear();
  outgoing = nullptr;
  if (!months.empty() || (want_full && !full_refused)) {
    next_after(milliseconds{0}, "fetches what is missing");
    return;
  }
  rest(source_now);
}

/// Waits for the next poll; when the exchange is closed, for its opening.
void fetcher_state::rest(timestamp now) {
  auto wait = jittered(options.poll_interval);
  auto day = nyse().day_at(now - options.grace - plan_delay);
  auto part =
      day ? day->session_at(now - options.grace - plan_delay) : std::nullopt;
  auto trading = part && (options.extended_hours || part == session::regular);
  auto skew = now - local_now();
  auto real_time = skew < minutes{10} && skew > -minutes{10};
  if (!trading && real_time) {
    // A source that plays recordings has a clock of its own: not for it.
    auto ahead = nyse().next_on_or_after(date::floor<date::days>(now));
    while (ahead
           && (options.extended_hours ? ahead->pre_open : ahead->open) <= now)
      ahead = nyse().next_on_or_after(ahead->date + date::days{1});
    if (ahead) {
      auto opening = options.extended_hours ? ahead->pre_open : ahead->open;
      auto longest = std::chrono::hours{6}; // a late print may come
      next_after(
          std::min<milliseconds>(opening - now + request.interval, longest),
          "the exchange is closed until " + format_rfc3339(opening));
      return;
    }
  }
  next_after(wait, "polls again in " + seconds_text(wait));
}

void fetcher_state::refused(const caf::error& reason) {
  next = stage::permit;
  auto x = refusal_of(reason);
  x.symbol = options.ticker.symbol;
  auto kind = static_cast<refusal_class>(x.kind);
  switch (kind) {
    case refusal_class::burst:
    case refusal_class::per_minute:
    case refusal_class::daily:
    case refusal_class::bad_key:
      self->send(quota, refused_atom_v, x);
      next_after(jittered(milliseconds{1000}), "refused: " + x.text);
      return;
    case refusal_class::premium:
      if (request.full) {
        full_refused = true;
        spdlog::warn("event=full_refused symbol={} text=\"{}\" hint=\"gaps of "
                     "more than 100 bars cannot be filled with this key\"",
                     x.symbol, x.text);
        next_after(milliseconds{0}, "goes on with short answers");
        return;
      }
      [[fallthrough]];
    case refusal_class::bad_call:
    case refusal_class::bad_function:
      if (!request.month.empty())
        months.clear(); // this key or ticker has no history
      spdlog::error("event=ticker_parked symbol={} class={} text=\"{}\" "
                    "hint=\"is the symbol right, does the plan allow it? "
                    "tried again in an hour\"",
                    x.symbol, to_string(kind), x.text);
      next_after(std::chrono::hours{1}, "parked: " + x.text);
      return;
    case refusal_class::no_bars:
      if (!request.month.empty()) {
        months.pop_front();
        next_after(milliseconds{0}, "no bars in that month");
        return;
      }
      next_after(jittered(std::max(options.poll_interval, milliseconds{1000})),
                 "the API has no bars");
      return;
    case refusal_class::unknown: {
      spdlog::warn("event=answer_not_understood symbol={} text=\"{}\"",
                   x.symbol, x.text);
      auto batch = std::make_shared<outgoing_batch>();
      note_rejected("answer not understood: " + x.text, *batch);
      if (!batch->records.empty()) {
        outgoing_bars.clear();
        outgoing = std::move(batch);
        publish();
        return;
      }
      break;
    }
    case refusal_class::unavailable: break;
  }
  auto wait = std::max(retry.next(), milliseconds{x.retry_after_ms});
  if (retry.tries() == 3)
    spdlog::warn("event=api_unavailable symbol={} reason=\"{}\" "
                 "hint=\"retrying\"",
                 x.symbol, x.text);
  next_after(wait, "the API does not answer: " + x.text);
}

fetcher_actor::behavior_type
fetcher(fetcher_actor::stateful_pointer<fetcher_state> self, quota_actor quota,
        api_client_actor api, kafka_bridge_actor bridge,
        fetcher_options options) {
  auto& state = self->state;
  state.self = self;
  state.quota = std::move(quota);
  state.api = std::move(api);
  state.bridge = std::move(bridge);
  state.options = std::move(options);
  state.random.seed(state.options.seed);
  state.retry = backoff{milliseconds{500}, seconds{60}, state.options.seed};
  // Spread over a tenth of the interval: all tickers start together.
  auto spread =
      std::min<milliseconds>(state.options.poll_interval / 10, seconds{5});
  state.next_after(
      milliseconds{static_cast<std::int64_t>(
          state.random() % static_cast<std::uint64_t>(spread.count() + 1))},
      "starting");
  return {
      [&state](poll_atom) { state.step(); },
      [&state](pressure_atom, bool held) {
        state.held = held;
        if (!held && !state.waiting && state.text.rfind("held", 0) == 0)
          state.next_after(milliseconds{0}, "resumes");
      },
      [&state](status_atom) { return state.text; },
  };
}

} // namespace tickerflow
