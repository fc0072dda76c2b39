#include "actors/node_introspection.hpp"

#include "actors/observed.hpp"
#include "actors/process_use.hpp"

#include <caf/actor_cast.hpp>

#include <unistd.h>

#include <algorithm>

namespace tickerflow {

namespace {

using std::chrono::milliseconds;
using steady = std::chrono::steady_clock;

/// So long after the last question somebody still looks.
constexpr std::chrono::seconds looks_for{10};

/// Whose relations are searched for: to look through more would take too long.
constexpr size_t most_related = 2'000;

constexpr const char* nobody = "(nobody)";
constexpr const char* thread = "(thread)";
constexpr const char* others = "(others)";

std::int64_t ms_of(std::chrono::system_clock::time_point x) {
  return std::chrono::duration_cast<milliseconds>(x.time_since_epoch()).count();
}

/// Taken before main: as good as the start of the process.
const auto process_started = std::chrono::system_clock::now();

actor_snapshot snapshot_of(const actor_row& x,
                           const std::vector<const void*>& systems) {
  actor_snapshot result;
  result.serial = x.serial;
  result.id = x.id;
  auto system = std::find(systems.begin(), systems.end(), x.system);
  result.system = static_cast<std::uint32_t>(system - systems.begin());
  result.kind = x.kind;
  result.labels = x.labels;
  result.supervisor = x.supervisor;
  result.started_ms = ms_of(x.started);
  result.mailbox = x.mailbox;
  result.mailbox_highest = x.mailbox_highest;
  result.received = x.received;
  result.handled = x.handled;
  result.busy_ns = x.busy.count();
  result.handling_ms = std::chrono::ceil<milliseconds>(x.handling).count();
  result.handled_within.assign(x.handled_within.begin(),
                               x.handled_within.end());
  result.restarts = x.deaths;
  if (!x.last_death.empty()) {
    result.last_death_ms = ms_of(x.last_died);
    result.last_death_reason = x.last_death;
  }
  return result;
}

actor_board::address address_of(const sender_key& x) {
  return {to_string(x.system), x.id};
}

/// Finds out who the senders of many messages are, with one search.
class sender_names {
public:
  void want(const sender_key& x) {
    if (x.id != 0)
      wanted_.insert(address_of(x));
  }

  void find() {
    auto& board = actor_board::instance();
    serials_ = board.serials(wanted_);
    for (auto& [system, name] : board.systems())
      own_.insert(name);
  }

  struct found {
    std::uint64_t serial = 0;
    std::string name; // empty if there is a serial
  };

  found operator()(const sender_key& x) const {
    if (x.id == 0)
      return {0, nobody};
    auto address = address_of(x);
    auto known = serials_.find(address);
    if (known != serials_.end())
      return {known->second, {}};
    if (own_.count(address.first) > 0)
      return {0, thread};
    return {0, address.first + '/' + std::to_string(address.second)};
  }

private:
  std::set<actor_board::address> wanted_;
  std::map<actor_board::address, std::uint64_t> serials_;
  std::set<std::string> own_; // systems of this process
};

std::vector<flow_edge> edges_of(const void* system) {
  struct seen_by {
    std::uint64_t to = 0;
    actor_watch::seen seen;
  };
  std::vector<seen_by> all;
  sender_names names;
  for (auto& x : actor_board::instance().all(system)) {
    all.push_back({x->serial(), x->watch()->read()});
    for (auto& [from, count] : all.back().seen.senders)
      names.want(from);
  }
  names.find();
  std::vector<flow_edge> result;
  for (auto& x : all) {
    std::uint64_t from_threads = 0;
    for (auto& [from, count] : x.seen.senders) {
      auto who = names(from);
      if (who.name == thread)
        from_threads += count; // each question of a thread has an id of its own
      else
        result.push_back({who.serial, who.name, x.to, count});
    }
    if (from_threads > 0)
      result.push_back({0, thread, x.to, from_threads});
    if (x.seen.other_senders > 0)
      result.push_back({0, others, x.to, x.seen.other_senders});
  }
  return result;
}

void send_order(const actor_counters& x, actor_order::kind what) {
  auto handle = x.access()->handle.lock();
  if (!handle)
    return;
  const_cast<actor_counters&>(x).ordered();
  handle->enqueue(caf::make_mailbox_element(
                      nullptr,
                      caf::make_message_id(caf::message_priority::high), {},
                      actor_order{what}),
                  nullptr);
}

std::string name_of(const actor_counters& x) {
  return actor_board::instance().describe(x);
}

/// Links and monitors, by what is attached to an actor to be told of its end.
std::vector<actor_relation> relations_of(const actor_counters& x,
                                         const void* system) {
  using attachable = caf::default_attachable;
  std::vector<actor_relation> result;
  auto self = x.access()->handle.lock();
  auto watched = self ? dynamic_cast<observable*>(self->get()) : nullptr;
  if (!watched)
    return result;
  auto all = actor_board::instance().all(system);
  if (all.size() > most_related)
    return result;
  auto address = caf::actor_cast<caf::actor_addr>(self);
  auto unknown = watched->told_its_end();
  for (auto& y : all) {
    if (y->serial() == x.serial())
      continue;
    auto other = y->access()->handle.lock();
    auto seen = other ? dynamic_cast<observable*>(other->get()) : nullptr;
    if (!seen)
      continue;
    auto other_address = caf::actor_cast<caf::actor_addr>(other);
    auto add = [&](const char* relation) {
      result.push_back({relation, y->serial(), name_of(*y)});
    };
    if (watched->told_its_end(other_address, attachable::link)) {
      add("link");
      unknown -= std::min<size_t>(unknown, 1);
    }
    if (watched->told_its_end(other_address, attachable::monitor)) {
      add("monitored_by");
      unknown -= std::min<size_t>(unknown, 1);
    }
    if (seen->told_its_end(address, attachable::monitor))
      add("monitors");
  }
  if (unknown > 0)
    result.push_back(
        {"monitored_by", 0,
         std::to_string(unknown) + " threads of this process or other nodes"});
  return result;
}

/// Those that a node supervisor starts again.
bool is_supervised(const actor_row& x) {
  for (auto kind : {"aggregator", "api_client", "fetcher", "kafka_bridge",
                    "postgres_writer"})
    if (x.kind == kind)
      return x.supervisor != 0;
  return false;
}

caf::error no_such_actor(std::uint64_t serial) {
  return failure(errc::bad_request,
                 "no actor " + std::to_string(serial)
                     + " lives in this process (it may have ended: the list "
                       "of actors has those that live and died of late)");
}

} // namespace

node_introspection::node_introspection(std::string node,
                                       const caf::actor_system* system)
    : node_(std::move(node)), system_(system) {
  // nop
}

node_snapshot node_introspection::snapshot(bool flow) {
  auto& board = actor_board::instance();
  std::lock_guard guard{mutex_};
  auto now = steady::now();
  if (flow)
    board.want_flow(now + looks_for);
  if (now - read_at_ > fresh_for || (flow && !with_flow_)) {
    cached_ = read(flow);
    read_at_ = now;
    with_flow_ = flow;
  }
  auto result = cached_;
  if (!flow)
    result.edges.clear();
  result.age_ms =
      std::chrono::duration_cast<milliseconds>(steady::now() - read_at_)
          .count();
  return result;
}

node_snapshot node_introspection::read(bool flow) const {
  auto& board = actor_board::instance();
  node_snapshot result;
  result.node = node_;
  char host[256] = "localhost";
  ::gethostname(host, sizeof host - 1);
  result.host = host;
  result.pid = ::getpid();
  result.started_ms = ms_of(process_started);
  result.now_ms = ms_of(std::chrono::system_clock::now());
  auto use = process_use::now();
  result.memory_bytes = use.resident_bytes;
  result.cpu_ms = std::chrono::duration_cast<milliseconds>(use.cpu).count();
  auto rows = board.actors(system_);
  std::sort(rows.begin(), rows.end(),
            [](auto& x, auto& y) { return x.serial < y.serial; });
  std::vector<const void*> systems;
  for (auto& x : rows)
    if (std::find(systems.begin(), systems.end(), x.system) == systems.end())
      systems.push_back(x.system);
  auto names = board.systems();
  for (auto x : systems)
    result.systems.push_back(names[x]);
  if (flow)
    result.edges = edges_of(system_);
  std::map<std::uint64_t, std::uint64_t> sent;
  for (auto& x : result.edges)
    sent[x.from] += x.messages;
  for (auto& x : rows) {
    result.actors.push_back(snapshot_of(x, systems));
    auto known = sent.find(x.serial);
    if (known != sent.end())
      result.actors.back().sent = known->second;
  }
  for (auto& x : board.deaths(system_))
    result.deaths.push_back(
        {x.serial, x.kind, x.labels, ms_of(x.started), ms_of(x.at), x.reason});
  return result;
}

caf::expected<actor_detail> node_introspection::inspect(std::uint64_t serial) {
  auto& board = actor_board::instance();
  auto counters = board.find(serial);
  auto row = board.row(serial);
  if (!counters || !row || (system_ && row->system != system_))
    return no_such_actor(serial);
  auto now = steady::now();
  counters->watch_until(now + looks_for);
  // One order at a time: a busy actor keeps its last state.
  if (counters->attention() < actor_counters::one_order)
    send_order(*counters, actor_order::kind::tell_state);
  auto seen = counters->watch()->read();
  sender_names names;
  for (auto& x : seen.messages)
    names.want(x.from);
  for (auto& [from, count] : seen.senders)
    names.want(from);
  names.find();
  actor_detail result;
  result.actor = snapshot_of(*row, {row->system});
  result.state_json = seen.state.json;
  if (!seen.state.json.empty())
    result.state_age_ms =
        std::chrono::duration_cast<milliseconds>(now - seen.state.at).count();
  result.handling_ms = result.actor.handling_ms;
  if (result.handling_ms > 0)
    result.handling_type = seen.handling.name();
  for (auto& x : seen.messages) {
    auto who = names(x.from);
    result.messages.push_back({ms_of(x.at), x.type.name(), who.serial,
                               std::move(who.name), x.took.count()});
  }
  std::map<std::string, std::uint64_t> unnamed; // threads have many ids
  for (auto& [from, count] : seen.senders) {
    auto who = names(from);
    if (who.serial == 0) {
      unnamed[who.name] += count;
      continue;
    }
    auto sender = board.find(who.serial);
    result.senders.push_back(
        {who.serial, sender ? name_of(*sender) : std::string{}, count});
  }
  if (seen.other_senders > 0)
    unnamed[others] += seen.other_senders;
  for (auto& [name, count] : unnamed)
    result.senders.push_back({0, name, count});
  std::stable_sort(result.senders.begin(), result.senders.end(),
                   [](auto& x, auto& y) { return x.messages > y.messages; });
  result.relations = relations_of(*counters, system_);
  result.can_restart = is_supervised(*row);
  return result;
}

log_page node_introspection::logs(std::uint64_t after) const {
  log_page result;
  result.next = after;
  for (auto& x : log_ring::instance().after(after)) {
    result.next = x.sequence;
    result.lines.push_back(
        {x.sequence, ms_of(x.at), x.level, x.actor, std::move(x.text)});
  }
  return result;
}

caf::expected<std::string> node_introspection::restart(std::uint64_t serial) {
  auto& board = actor_board::instance();
  auto counters = board.find(serial);
  auto row = board.row(serial);
  if (!counters || !row || (system_ && row->system != system_))
    return no_such_actor(serial);
  auto name = name_of(*counters);
  if (!is_supervised(*row))
    return failure(errc::bad_request,
                   name
                       + " cannot be restarted alone: no other actor would "
                         "start it again (to start it anew, restart the "
                         "process of its node)");
  send_order(*counters, actor_order::kind::end);
  using seconds = std::chrono::seconds;
  auto busy = std::chrono::duration_cast<seconds>(row->handling);
  if (busy < seconds{1})
    return name + " is ended and started again";
  return name
         + " is ended and started again as soon as it is done with the "
           "message that it works on for "
         + std::to_string(busy.count()) + " s";
}

} // namespace tickerflow
