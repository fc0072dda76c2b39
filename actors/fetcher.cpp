#include "actors/fetcher.hpp"

#include "io/event/event.hpp"
#include "market/exchange_time.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace tickerflow {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* source_name = "alphavantage";
constexpr std::chrono::minutes plan_delay{15};   // of an answer that says so
constexpr std::chrono::hours full_span{24 * 29}; // outputsize=full: 30 days
constexpr std::chrono::minutes clock_skew{10};   // more is no clock set wrong
constexpr size_t most_buried = 1'000;

/// Says when the bars of a ticker become final.
bar_schedule schedule_of(const fetcher_state& x) {
  return {nyse(), x.options.interval, x.settle, x.options.extended_hours};
}

/// The months from one instant's to another's, oldest first: "2020-11".
std::deque<std::string> months_between(timestamp from, timestamp to) {
  auto month_of = [](timestamp t) {
    date::year_month_day date{date::floor<date::days>(t)};
    return date.year() / date.month();
  };
  std::deque<std::string> result;
  for (auto x = month_of(from); x <= month_of(to); x += date::months{1})
    result.push_back(date::format("%Y-%m", x));
  return result;
}

/// A process may die when a part is published, and the source may no longer
/// serve the oldest bars to the next: whatever part it is, bars that are stored
/// must have no hole between them. So what is older than the known bars grows
/// from them into the past, and newer ones follow when it is complete.
void order_without_holes(published_bars::changes& x, timestamp known_until) {
  auto newer = std::partition_point(x.begin(), x.end(), [&](auto& each) {
    return each.value.start < known_until;
  });
  std::reverse(x.begin(), newer);
}

} // namespace

void fetcher_state::wait(milliseconds time, step then, std::string why) {
  next = then;
  state = std::move(why);
  due = self->clock().now() + time;
  self->delayed_send(self, time, poll_atom_v);
}

/// Goes on if the timer that fired is the one that is waited for.
void fetcher_state::woken() {
  if (!next || self->clock().now() < due)
    return;
  auto then = next;
  next = nullptr;
  (this->*then)();
}

void fetcher_state::hold(bool on) {
  held = on;
  if (on || !stopped)
    return;
  stopped = false;
  wait(milliseconds{0}, &fetcher_state::ask_permit, "going on");
}

bool fetcher_state::stopped_by_hold() {
  if (!held)
    return false;
  stopped = true;
  state = "held: PostgreSQL is behind";
  return true;
}

milliseconds fetcher_state::jittered(milliseconds x) {
  auto tenth = x.count() / 10;
  std::uniform_int_distribution<std::int64_t> difference{-tenth, tenth};
  return x + milliseconds{difference(random)};
}

timestamp fetcher_state::local_now() const {
  return options.clock
             ? options.clock()
             : std::chrono::floor<seconds>(std::chrono::system_clock::now());
}

bool fetcher_state::is_new_complaint(const std::string& x) {
  return std::exchange(complaint, x) != x;
}

std::string fetcher_state::status() const {
  if (!next)
    return state;
  auto left = std::chrono::ceil<seconds>(due - self->clock().now());
  return state + " (" + std::to_string(std::max<std::int64_t>(left.count(), 0))
         + " s)";
}

void fetcher_state::ask_permit() {
  if (stopped_by_hold())
    return;
  state = "asking for a permit";
  self->request(neighbours.quota, options.permit_timeout, acquire_atom_v,
                options.symbol)
      .then([this](const api_permit& x) { permitted(x); },
            [this](const caf::error& reason) {
              if (is_new_complaint("quota"))
                spdlog::warn("event=quota_unreachable symbol={} reason=\"{}\" "
                             "hint=\"is the master running? retrying\"",
                             options.symbol, text_of(reason));
              wait(permit_retry.next(), &fetcher_state::ask_permit,
                   "waiting for quota: the master does not answer");
            });
}

void fetcher_state::permitted(const api_permit& x) {
  permit_retry.reset();
  if (complaint == "quota")
    complaint.clear();
  if (x.granted)
    wait(milliseconds{x.wait_ms}, &fetcher_state::fetch,
         "waiting for its turn");
  else // never at once: a quota that says so would be asked in a loop
    wait(milliseconds{std::max<std::int64_t>(x.wait_ms, 100)},
         &fetcher_state::ask_permit, "waiting for quota: " + x.reason);
}

void fetcher_state::fetch() {
  if (stopped_by_hold())
    return; // the permit's time passes; another is asked for
  asked = {};
  asked.symbol = options.symbol;
  asked.interval = options.interval;
  asked.full = !history.empty();
  if (asked.full)
    asked.month = history.front();
  asked.deadline = std::chrono::steady_clock::now() + options.fetch_timeout;
  state = asked.month.empty() ? "fetching" : "fetching " + asked.month;
  self->request(neighbours.api, options.fetch_timeout, fetch_atom_v, asked)
      .then([this](const intraday_answer_ptr& x) { fetched(*x); },
            [this](const caf::error& reason) { failed(reason); });
}

void fetcher_state::fetched(const intraday_answer& x) {
  fetch_retry.reset();
  complaint.clear();
  source.observe(self->clock().now(), x.source_now);
  settle =
      options.grace
      + std::max<seconds>(options.delay, x.delayed ? plan_delay : seconds{0});
  if (!asked.full && plan_history(x)) {
    // Older bars first: were these published before them, a crash in between
    // would leave a gap that nobody sees. They come again with the last month.
    ask_permit();
    return;
  }
  prepare(x);
  publish();
}

/// Plans what to ask for before the newest bars can be published.
/// @returns whether there is something
bool fetcher_state::plan_history(const intraday_answer& x) {
  auto now = x.source_now;
  if (!std::exchange(history_planned, true) && covered_until == timestamp{}
      && options.backfill_months > 0 && !history_is_premium) {
    date::year_month_day today{date::floor<date::days>(now)};
    auto first = today.year() / today.month() / 1
                 - date::months{options.backfill_months - 1};
    history = months_between(date::sys_days{first}, now);
    spdlog::info("event=backfill_started symbol={} from={} months={}",
                 options.symbol, history.front(), history.size());
    return true;
  }
  if (covered_until == timestamp{} || x.bars.empty()
      || !schedule_of(*this).trades_between(covered_until,
                                            x.bars.front().start))
    return false;
  auto is_asked = std::exchange(gap_asked, covered_until) == covered_until;
  if (history_is_premium || is_asked) {
    spdlog::warn("event=gap_not_filled symbol={} from={} to={} hint=\"the "
                 "source has no bars there, or the key's plan no "
                 "outputsize=full: then poll more often\"",
                 options.symbol, format_rfc3339(covered_until),
                 format_rfc3339(x.bars.front().start));
    return false;
  }
  if (now - covered_until < full_span)
    history = {std::string{}};
  else
    history = months_between(covered_until, now);
  spdlog::info("event=gap_found symbol={} from={} to={} calls={}",
               options.symbol, format_rfc3339(covered_until),
               format_rfc3339(x.bars.front().start), history.size());
  return true;
}

void fetcher_state::bury(const std::string& what, outgoing_batch& out) {
  if (buried.count(what) > 0)
    return;
  burying.push_back(what);
  // The aggregator makes a dead letter of it, in the topic and in the table.
  out.records.push_back({options.topic, options.symbol,
                         encode_rejected(options.symbol, source_name, what)});
}

/// Makes one batch of what is new, changed or rejected.
void fetcher_state::prepare(const intraday_answer& x) {
  auto final_before = x.source_now - settle;
  std::vector<bar> finals;
  for (auto& b : x.bars)
    if (b.end() <= final_before)
      finals.push_back(b);
  auto batch = std::make_shared<outgoing_batch>();
  pending = known.differences(finals);
  if (asked.full)
    order_without_holes(pending, covered_until);
  for (auto& each : pending) {
    auto& value = each.value;
    auto day = nyse().day_at(value.start);
    // Outside of the sessions the aggregator's calendar has the word.
    auto part = day ? day->session_at(value.start) : std::nullopt;
    batch->records.push_back(
        {options.topic, options.symbol,
         encode_event(value, part.value_or(session::regular), source_name,
                      local_now(), each.revision)});
  }
  burying.clear();
  for (auto& row : x.rejected)
    bury(row, *batch);
  publishing = std::move(batch);
  after_publish = &fetcher_state::finish_round;
  // Not the time of the answer: a free key's may end with the day before.
  covers = covered_until;
  if (!finals.empty())
    covers = std::max(covers, finals.back().end());
  if (!asked.full && !finals.empty())
    known.forget(finals.front().start);
}

void fetcher_state::publish() {
  if (publishing->records.empty()) {
    published();
    return;
  }
  state =
      "publishing " + std::to_string(publishing->records.size()) + " records";
  self->request(neighbours.bridge, options.publish_timeout, publish_atom_v,
                publishing)
      .then([this](std::int64_t) { published(); },
            [this](const caf::error& reason) {
              // The same batch again: nothing that was fetched is forgotten.
              if (is_new_complaint("kafka"))
                spdlog::warn("event=bars_not_published symbol={} records={} "
                             "reason=\"{}\" hint=\"retrying\"",
                             options.symbol, publishing->records.size(),
                             text_of(reason));
              wait(publish_retry.next(), &fetcher_state::publish,
                   "waiting for Kafka: " + text_of(reason));
            });
}

void fetcher_state::published() {
  publish_retry.reset();
  if (complaint == "kafka")
    complaint.clear();
  if (!publishing->records.empty())
    spdlog::debug("event=bars_published symbol={} bars={} rejected={}",
                  options.symbol, pending.size(), burying.size());
  known.remember(pending);
  if (buried.size() > most_buried)
    buried.clear();
  buried.insert(burying.begin(), burying.end());
  pending.clear();
  burying.clear();
  publishing = nullptr;
  (this->*after_publish)();
}

void fetcher_state::finish_round() {
  covered_until = covers;
  if (asked.full && !history.empty())
    history.pop_front();
  if (history.empty())
    sleep();
  else
    ask_permit();
}

void fetcher_state::sleep() {
  auto local = self->clock().now();
  auto now = source.now(local);
  auto bar_final = schedule_of(*this).next_final(now);
  auto poll = jittered(options.poll_interval);
  auto until_final = source.until(bar_final, local);
  auto is_closed = bar_final - now > settle + options.interval;
  // A clock that is not ours is a simulation's: it may run faster, which the
  // next answer tells, and leave out the hours without a session.
  auto ahead = now - local_now();
  auto is_simulated =
      source.rate() > 1
      || (!source.is_measured() && (ahead > clock_skew || ahead < -clock_skew));
  if (is_simulated && (is_closed || !source.is_measured())) {
    wait(poll, &fetcher_state::ask_permit, "polling a simulated source");
    return;
  }
  // Not all tickers in the second in which their bars become final.
  auto spread = jittered(options.poll_interval) - options.poll_interval;
  auto time =
      std::max(poll, until_final + milliseconds{std::abs(spread.count())});
  wait(time, &fetcher_state::ask_permit,
       is_closed
           ? "no session; the next bar is final at " + format_rfc3339(bar_final)
           : "waiting for the next bar");
}

fetcher_actor::behavior_type
fetcher(observed_pointer<fetcher_actor, fetcher_state> self,
        fetcher_neighbours neighbours, fetcher_options options) {
  self->label("symbol", options.symbol);
  auto& state = self->state;
  state.self = self;
  state.neighbours = std::move(neighbours);
  state.options = std::move(options);
  auto seed = state.options.seed;
  state.random.seed(seed);
  state.permit_retry = {milliseconds{1'000}, milliseconds{30'000}, seed};
  state.fetch_retry = {milliseconds{1'000}, milliseconds{60'000}, seed + 1};
  state.publish_retry = {milliseconds{500}, milliseconds{30'000}, seed + 2};
  if (state.options.last_stored != timestamp{})
    state.covered_until = state.options.last_stored + state.options.interval;
  state.wait(milliseconds{0}, &fetcher_state::ask_permit, "starting");
  return {
      [&state](poll_atom) { state.woken(); },
      [&state](pressure_atom, bool on) { state.hold(on); },
      [&state](restart_atom, const caf::strong_actor_ptr& old,
               const caf::strong_actor_ptr& fresh) {
        state.neighbours.replace(old, fresh);
      },
      [&state](status_atom) { return state.status(); },
  };
}

} // namespace tickerflow
