#include "actors/actor_board.hpp"

#include <algorithm>

namespace tickerflow {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

std::int64_t ns_of(std::chrono::steady_clock::time_point x) {
  return std::chrono::nanoseconds{x.time_since_epoch()}.count();
}

/// For a counter with one writer: no locked instruction.
template <class T, class U>
void add_to(std::atomic<T>& x, U difference) {
  x.store(x.load(relaxed) + static_cast<T>(difference), relaxed);
}

std::uint64_t difference(std::uint64_t x, std::uint64_t y) {
  return x > y ? x - y : 0; // read one after the other: may be torn
}

} // namespace

void actor_counters::begin(std::chrono::steady_clock::time_point now) {
  since_ns_.store(ns_of(now), relaxed);
  // A mailbox only shrinks here, so here it is at its highest.
  auto waiting = difference(received_.load(relaxed), handled_.load(relaxed));
  if (waiting > highest_.load(relaxed))
    highest_.store(waiting, relaxed);
}

void actor_counters::end(std::chrono::steady_clock::time_point now,
                         bool skipped) {
  auto took_ns = ns_of(now) - since_ns_.load(relaxed);
  since_ns_.store(0, relaxed);
  if (skipped)
    return;
  add_to(handled_, 1);
  add_to(busy_ns_, took_ns);
  size_t bucket = 0;
  while (bucket < handling_bounds.size()
         && took_ns > handling_bounds[bucket].count())
    ++bucket;
  add_to(within_[bucket], 1);
}

void queue_counter::raise(std::int64_t size) {
  auto highest = highest_.load(relaxed);
  while (size > highest
         && !highest_.compare_exchange_weak(highest, size, relaxed))
    ;
}

void queue_counter::set(std::int64_t size) {
  size_.store(size, relaxed);
  raise(size);
}

void queue_counter::add(std::int64_t difference) {
  raise(size_.fetch_add(difference, relaxed) + difference);
}

actor_board& actor_board::instance() {
  static actor_board result;
  return result;
}

actor_kind_row& actor_board::kind_of(const std::string& kind) {
  for (auto& x : kinds_)
    if (x.kind == kind)
      return x;
  kinds_.emplace_back();
  kinds_.back().kind = kind;
  return kinds_.back();
}

void actor_board::add(const std::shared_ptr<actor_counters>& x,
                      const void* system, std::string kind, std::uint64_t id) {
  std::lock_guard guard{mutex_};
  x->system_ = system;
  x->kind_ = std::move(kind);
  x->id_ = id;
  x->started_ = std::chrono::system_clock::now();
  auto& row = kind_of(x->kind_);
  ++row.alive;
  ++row.started;
  actors_.push_back(x);
}

void actor_board::label(actor_counters& x, std::string key, std::string value) {
  std::lock_guard guard{mutex_};
  x.labels_.emplace_back(std::move(key), std::move(value));
}

std::string actor_board::describe(const actor_counters& x) const {
  std::lock_guard guard{mutex_};
  auto result = x.kind_;
  for (auto& [key, value] : x.labels_)
    result += ' ' + key + '=' + value;
  return result;
}

void actor_board::remove(const actor_counters& x, const std::string& failure) {
  std::lock_guard guard{mutex_};
  auto known = std::find_if(actors_.begin(), actors_.end(),
                            [&](auto& y) { return y.get() == &x; });
  if (known == actors_.end())
    return;
  auto& row = kind_of(x.kind_);
  --row.alive;
  row.mailbox_highest = std::max(row.mailbox_highest, x.highest_.load(relaxed));
  if (!failure.empty()) {
    ++row.failed;
    row.last_failure = failure;
    row.last_failed_at = std::chrono::system_clock::now();
  }
  std::swap(*known, actors_.back());
  actors_.pop_back();
}

void actor_board::restarted(const std::string& kind) {
  std::lock_guard guard{mutex_};
  ++kind_of(kind).restarted;
}

std::shared_ptr<queue_counter> actor_board::queue(const std::string& name,
                                                  std::int64_t bound) {
  auto result = std::make_shared<queue_counter>(bound);
  std::lock_guard guard{mutex_};
  auto known = std::find_if(queues_.begin(), queues_.end(),
                            [&](auto& x) { return x.name == name; });
  if (known == queues_.end())
    known = queues_.insert(queues_.end(), named_queue{name, 0, 0, {}});
  known->bound = std::max(known->bound, bound);
  // Its high-water mark stays when it goes.
  auto counted = std::shared_ptr<queue_counter>{
      result.get(), [this, name, keep = result](queue_counter* x) {
        std::lock_guard guard{mutex_};
        for (auto& y : queues_)
          if (y.name == name)
            y.highest = std::max(y.highest, x->highest_.load(relaxed));
      }};
  auto& parts = known->parts;
  parts.erase(std::remove_if(parts.begin(), parts.end(),
                             [](auto& x) { return x.expired(); }),
              parts.end());
  parts.push_back(counted);
  return counted;
}

std::vector<actor_row> actor_board::actors(const void* system) const {
  auto now_ns = ns_of(std::chrono::steady_clock::now());
  std::lock_guard guard{mutex_};
  std::vector<actor_row> result;
  for (auto& x : actors_) {
    if (system && x->system_ != system)
      continue;
    actor_row row;
    row.kind = x->kind_;
    row.id = x->id_;
    row.labels = x->labels_;
    row.started = x->started_;
    row.handled = x->handled_.load(relaxed);
    row.received = x->received_.load(relaxed);
    auto since_ns = x->since_ns_.load(relaxed);
    // The one that is handled does not wait.
    row.mailbox =
        difference(row.received, row.handled + (since_ns > 0 ? 1 : 0));
    row.mailbox_highest = std::max(x->highest_.load(relaxed), row.mailbox);
    row.busy = std::chrono::nanoseconds{x->busy_ns_.load(relaxed)};
    if (since_ns > 0)
      row.handling = std::chrono::nanoseconds{
          std::max<std::int64_t>(1, now_ns - since_ns)};
    for (size_t i = 0; i < row.handled_within.size(); ++i)
      row.handled_within[i] = x->within_[i].load(relaxed);
    result.push_back(std::move(row));
  }
  return result;
}

std::vector<actor_kind_row> actor_board::kinds() const {
  std::lock_guard guard{mutex_};
  auto result = kinds_;
  for (auto& row : result)
    for (auto& x : actors_)
      if (x->kind_ == row.kind)
        row.mailbox_highest =
            std::max(row.mailbox_highest, x->highest_.load(relaxed));
  return result;
}

std::vector<queue_row> actor_board::queues() const {
  // Outside of the lock: the last holder's end takes it.
  std::vector<std::shared_ptr<queue_counter>> held;
  std::lock_guard guard{mutex_};
  std::vector<queue_row> result;
  for (auto& x : queues_) {
    queue_row row{x.name, 0, x.highest, x.bound};
    for (auto& part : x.parts)
      if (auto y = part.lock()) {
        row.size = std::max(row.size, y->size_.load(relaxed));
        row.highest = std::max(row.highest, y->highest_.load(relaxed));
        held.push_back(std::move(y));
      }
    result.push_back(std::move(row));
  }
  return result;
}

} // namespace tickerflow
