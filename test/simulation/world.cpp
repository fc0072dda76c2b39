#include "test/simulation/world.hpp"

#include <algorithm>
#include <cstdio>

namespace tickerflow::simulation {

const char* name_of(kind x) {
  static constexpr const char* names[] = {
      "tick",    "down",   "enroll",       "beat",    "confirm",
      "loss",    "leave",  "enrolled",     "refused", "beat_answer",
      "assign",  "revoke", "leave_answer", "drained", "claim",
      "claimed", "write",  "written",      "acquire", "acquired",
      "read",    "stored", "renew",        "renewed"};
  return names[static_cast<size_t>(x)];
}

world::world(const scenario& x, std::int32_t shards)
    : watch(shards), scenario_(x), random_(x.seed),
      now_(time{} + std::chrono::hours{1}) {
  // nop
}

std::int64_t world::now_ms() const {
  return std::chrono::duration_cast<milliseconds>(now_.time_since_epoch())
      .count();
}

// Own arithmetic: the standard's distributions differ between libraries.
std::int32_t world::pick(std::int64_t n) {
  return static_cast<std::int32_t>(random_() % static_cast<std::uint64_t>(n));
}

bool world::chance(double x) {
  return x > 0 && static_cast<double>(random_() >> 11) * 0x1p-53 < x;
}

milliseconds world::between(std::int64_t low_ms, std::int64_t high_ms) {
  return milliseconds{low_ms + pick(high_ms - low_ms + 1)};
}

std::int32_t world::add_place() {
  places_.emplace_back();
  return static_cast<std::int32_t>(places_.size()) - 1;
}

void world::push(time at, const address& to, message x) {
  size_t content;
  if (unused_.empty()) {
    content = contents_.size();
    contents_.push_back(std::move(x));
  } else {
    content = unused_.back();
    unused_.pop_back();
    contents_[content] = std::move(x);
  }
  events_.push({at, ++numbers_, to, content});
}

void world::after(milliseconds wait, const address& self, kind what) {
  message x;
  x.what = what;
  x.from = self;
  push(now_ + wait, self, std::move(x));
}

void world::send(const address& from, std::int32_t to, message x) {
  x.from = from;
  auto lost = sky.loss > 0 && chance(sky.loss);
  if (!lost && !parted_.empty()) {
    auto parted = parted_.find(std::minmax(from.process, to));
    lost = parted != parted_.end() && parted->second > now_;
  }
  if (tracing() && x.what != kind::beat && x.what != kind::beat_answer
      && x.what != kind::renew && x.what != kind::renewed)
    trace(from, std::string{lost ? "LOST " : "sends "} + name_of(x.what)
                    + " to " + std::to_string(to) + " shard "
                    + std::to_string(x.shard) + " epoch "
                    + std::to_string(x.epoch) + " term "
                    + std::to_string(x.term) + (x.yes ? " yes" : "")
                    + (x.fenced ? " fenced" : ""));
  if (lost)
    return;
  auto copies = chance(sky.twice) ? 2 : 1;
  for (auto i = 0; i < copies; ++i) {
    auto arrival = now_ + std::chrono::microseconds{200 + pick(4000)};
    if (chance(sky.late))
      arrival += between(0, sky.lateness.count());
    if (sky.in_order) {
      auto& last =
          last_delivery_[(static_cast<std::int64_t>(from.process) << 32) + to];
      arrival = last = std::max(arrival, last);
    }
    push(arrival, {to, at(to).incarnation}, x);
  }
}

void world::send(const address& from, const address& to, message x) {
  if (up(to.process) && at(to.process).incarnation == to.incarnation)
    send(from, to.process, std::move(x));
}

/// Sockets and timers have waited: all comes at once.
void world::wake(place& x) {
  for (auto& y : x.waiting)
    events_.push({now_, ++numbers_, y.to, y.content});
  x.waiting.clear();
}

void world::deliver(const event& x) {
  auto& to = at(x.to.process);
  if (x.content == wakes) {
    if (to.hung_until <= now_)
      wake(to);
    return;
  }
  if (!to.running || to.incarnation != x.to.incarnation) {
    unused_.push_back(x.content);
    return;
  }
  if (to.hung_until > now_) {
    to.waiting.push_back(x);
    return;
  }
  auto content = std::move(contents_[x.content]);
  unused_.push_back(x.content);
  ++count.events;
  to.running->receive(content);
}

void world::run_until(time end) {
  while (!events_.empty() && events_.top().at <= end) {
    auto next = events_.top();
    events_.pop();
    now_ = std::max(now_, next.at);
    deliver(next);
  }
  now_ = end;
}

void world::end(std::int32_t place, double seen) {
  auto& x = at(place);
  if (!x.running)
    return;
  auto gone = x.running->self();
  x.running.reset();
  if (tracing())
    trace(gone, "ENDS");
  message notice;
  notice.what = kind::down;
  for (size_t i = 0; i < places_.size(); ++i)
    if (places_[i].running && chance(seen))
      send(gone, static_cast<std::int32_t>(i), notice);
}

void world::hang(std::int32_t place, milliseconds duration) {
  auto& x = at(place);
  x.hung_until = std::max(x.hung_until, now_ + duration);
  events_.push({x.hung_until, ++numbers_, {place, x.incarnation}, wakes});
  if (tracing())
    trace({place, x.incarnation},
          "HANGS for " + std::to_string(duration.count()) + " ms");
}

void world::part(std::int32_t x, std::int32_t y, milliseconds duration) {
  if (x == y)
    return;
  parted_[std::minmax(x, y)] = now_ + duration;
  if (tracing())
    trace({x, at(x).incarnation},
          "IS PARTED from " + std::to_string(y) + " for "
              + std::to_string(duration.count()) + " ms");
}

void world::heal() {
  parted_.clear();
  for (auto& x : places_) {
    x.hung_until = std::min(x.hung_until, now_);
    wake(x);
  }
  sky = weather{};
  if (tracing())
    trace({-1, 0}, "NO MORE FAULTS");
}

void world::trace(const address& who, const std::string& text) const {
  auto us = std::chrono::duration_cast<std::chrono::microseconds>(
                now_.time_since_epoch() - std::chrono::hours{1})
                .count();
  std::printf("%10.3f ms  %d.%d %s\n", static_cast<double>(us) / 1000,
              who.process, who.incarnation, text.c_str());
}

} // namespace tickerflow::simulation
