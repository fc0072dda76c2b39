#include "actors/actor_board.hpp"

#include "actors/actor_watch.hpp"
#include "io/log/log_ring.hpp"

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

std::chrono::steady_clock::time_point instant(std::int64_t ns) {
  return std::chrono::steady_clock::time_point{std::chrono::nanoseconds{ns}};
}

/// @returns kind and labels as a log line has them: "aggregator shard=3"
std::string name_of(const std::string& kind, const label_list& labels) {
  auto result = kind;
  for (auto& [key, value] : labels)
    result += ' ' + key + '=' + value;
  return result;
}

std::atomic<std::uint64_t> last_serial{0};

} // namespace

// Who spawns is at work for an actor, or for none: a root.
actor_counters::actor_counters()
    : serial_(last_serial.fetch_add(1, relaxed) + 1),
      supervisor_(working_actor), watch_(std::make_shared<actor_watch>()) {
  // nop
}

void actor_counters::obeyed() {
  attention_.fetch_sub(one_order, relaxed);
  received_.fetch_sub(1, relaxed);
}

void actor_counters::watch_until(std::chrono::steady_clock::time_point x) {
  watch_until_ns_.store(ns_of(x), relaxed);
  attend(watched);
}

void actor_counters::calm(std::chrono::steady_clock::time_point now,
                          std::chrono::steady_clock::time_point flow_until) {
  // Somebody may look again just now: then it is noted by the next message,
  // for a question comes every second.
  if ((attention() & watched) != 0
      && watch_until_ns_.load(relaxed) < ns_of(now))
    attention_.fetch_and(~watched, relaxed);
  if ((attention() & flowing) != 0 && flow_until < now)
    attention_.fetch_and(~flowing, relaxed);
}

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
  if (flow_until() > std::chrono::steady_clock::now())
    x->attend(actor_counters::flowing);
  auto& row = kind_of(x->kind_);
  ++row.alive;
  ++row.started;
  actors_.push_back(x);
}

void actor_board::name_system(const void* system, std::string name) {
  std::lock_guard guard{mutex_};
  systems_[system] = std::move(name);
}

void actor_board::label(actor_counters& x, std::string key, std::string value) {
  std::lock_guard guard{mutex_};
  x.labels_.emplace_back(std::move(key), std::move(value));
}

std::string actor_board::describe(const actor_counters& x) const {
  std::lock_guard guard{mutex_};
  return name_of(x.kind_, x.labels_);
}

void actor_board::note_death(const actor_counters& x, const actor_end& how) {
  auto now = std::chrono::system_clock::now();
  if (deaths_.size() == kept_deaths)
    deaths_.pop_front();
  deaths_.push_back(
      {x.serial_, x.system_, x.kind_, x.labels_, x.started_, now, how.reason});
  auto name = name_of(x.kind_, x.labels_);
  if (names_.size() == kept_names && names_.count(name) == 0) {
    auto oldest =
        std::min_element(names_.begin(), names_.end(), [](auto& y, auto& z) {
          return y.second.last < z.second.last;
        });
    names_.erase(oldest);
  }
  auto& known = names_[name];
  ++known.count;
  known.last = now;
  known.reason = how.reason;
}

void actor_board::supervised(actor_counters& x, std::uint64_t by) {
  x.supervisor_.store(by, relaxed);
}

void actor_board::want_flow(std::chrono::steady_clock::time_point until) {
  flow_until_ns_.store(ns_of(until), relaxed);
  std::lock_guard guard{mutex_};
  for (auto& x : actors_)
    x->attend(actor_counters::flowing);
}

std::chrono::steady_clock::time_point actor_board::flow_until() const {
  return instant(flow_until_ns_.load(relaxed));
}

void actor_board::remove(const actor_counters& x, const actor_end& how) {
  std::lock_guard guard{mutex_};
  auto known = std::find_if(actors_.begin(), actors_.end(),
                            [&](auto& y) { return y.get() == &x; });
  if (known == actors_.end())
    return;
  auto& row = kind_of(x.kind_);
  --row.alive;
  row.mailbox_highest = std::max(row.mailbox_highest, x.highest_.load(relaxed));
  if (!how.reason.empty())
    note_death(x, how);
  if (how.failed) {
    ++row.failed;
    row.last_failure = how.reason;
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

actor_row actor_board::row_of(const actor_counters& x,
                              std::int64_t now_ns) const {
  actor_row row;
  row.serial = x.serial_;
  row.supervisor = x.supervisor_.load(relaxed);
  row.system = x.system_;
  row.kind = x.kind_;
  row.id = x.id_;
  row.labels = x.labels_;
  row.started = x.started_;
  row.handled = x.handled_.load(relaxed);
  auto orders = x.attention() / actor_counters::one_order;
  row.received = difference(x.received_.load(relaxed), orders);
  auto since_ns = x.since_ns_.load(relaxed);
  // The one that is handled does not wait.
  row.mailbox = difference(row.received, row.handled + (since_ns > 0 ? 1 : 0));
  row.mailbox_highest = std::max(x.highest_.load(relaxed), row.mailbox);
  row.busy = std::chrono::nanoseconds{x.busy_ns_.load(relaxed)};
  if (since_ns > 0)
    row.handling =
        std::chrono::nanoseconds{std::max<std::int64_t>(1, now_ns - since_ns)};
  for (size_t i = 0; i < row.handled_within.size(); ++i)
    row.handled_within[i] = x.within_[i].load(relaxed);
  if (names_.empty())
    return row;
  auto died = names_.find(name_of(x.kind_, x.labels_));
  if (died != names_.end()) {
    row.deaths = died->second.count;
    row.last_died = died->second.last;
    row.last_death = died->second.reason;
  }
  return row;
}

std::vector<actor_row> actor_board::actors(const void* system) const {
  auto now_ns = ns_of(std::chrono::steady_clock::now());
  std::lock_guard guard{mutex_};
  std::vector<actor_row> result;
  for (auto& x : actors_)
    if (!system || x->system_ == system)
      result.push_back(row_of(*x, now_ns));
  return result;
}

std::vector<death_row> actor_board::deaths(const void* system) const {
  std::lock_guard guard{mutex_};
  std::vector<death_row> result;
  for (auto x = deaths_.rbegin(); x != deaths_.rend(); ++x)
    if (!system || x->system == system)
      result.push_back(*x);
  return result;
}

std::optional<actor_row> actor_board::row(std::uint64_t serial) const {
  auto now_ns = ns_of(std::chrono::steady_clock::now());
  std::lock_guard guard{mutex_};
  for (auto& x : actors_)
    if (x->serial_ == serial)
      return row_of(*x, now_ns);
  return std::nullopt;
}

std::map<const void*, std::string> actor_board::systems() const {
  std::lock_guard guard{mutex_};
  return systems_;
}

std::map<actor_board::address, std::uint64_t>
actor_board::serials(const std::set<address>& wanted) const {
  std::map<address, std::uint64_t> result;
  if (wanted.empty())
    return result;
  std::set<std::uint64_t> ids; // most actors are not among them
  for (auto& x : wanted)
    ids.insert(x.second);
  std::lock_guard guard{mutex_};
  for (auto& x : actors_) {
    if (ids.count(x->id_) == 0)
      continue;
    auto system = systems_.find(x->system_);
    if (system == systems_.end())
      continue;
    address key{system->second, x->id_};
    if (wanted.count(key) > 0)
      result[std::move(key)] = x->serial_;
  }
  return result;
}

std::shared_ptr<actor_counters> actor_board::find(std::uint64_t serial) const {
  std::lock_guard guard{mutex_};
  for (auto& x : actors_)
    if (x->serial_ == serial)
      return x;
  return nullptr;
}

std::vector<std::shared_ptr<actor_counters>>
actor_board::all(const void* system) const {
  std::lock_guard guard{mutex_};
  std::vector<std::shared_ptr<actor_counters>> result;
  for (auto& x : actors_)
    if (!system || x->system_ == system)
      result.push_back(x);
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
