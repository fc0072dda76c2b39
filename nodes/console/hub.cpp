#include "nodes/console/hub.hpp"

#include "nodes/console/leader_seat.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace tickerflow::console {

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr auto interval = 1s;
constexpr auto answer_timeout = 1500ms;
/// A hung coordinator must not hold up what is known without it for long.
constexpr auto first_wait = 2500ms;
constexpr std::size_t most_history = 300;
/// Rates are of so long: reports of nodes are half a second apart.
constexpr auto rate_span = 5s;

std::int64_t unix_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::int64_t ms_since(steady::time_point x) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(steady::now()
                                                               - x)
      .count();
}

/// What is known of a process, and since when it is silent.
struct known_process {
  node_actor supervisor;
  introspector_actor introspector;
  std::deque<
      std::pair<steady::time_point, std::shared_ptr<const node_snapshot>>>
      answers; // oldest first, a few seconds
  std::optional<steady::time_point> silent_since;
};

using process_map = std::map<std::string, known_process>;

} // namespace

struct hub::implementation {
  std::string node;
  own_process own;

  std::mutex mutex; // of all below
  std::condition_variable changed;
  bool stopping = false;
  bool forgetting = false;
  steady::time_point looked{};
  steady::time_point flow_looked{};
  picture_ptr newest;
  std::map<std::string, introspector_actor> introspectors;

  // Only the thread's.
  std::uint64_t turn = 0;
  process_map processes;
  std::deque<std::pair<steady::time_point, cluster_status>> statuses;
  std::deque<history_point> history;
  std::optional<steady::time_point> silent_since;
  move_log moves;
  std::thread thread;

  void run() {
    std::unique_lock lock{mutex};
    while (!stopping) {
      if (forgetting) {
        processes.clear();
        forgetting = false;
        changed.notify_all();
      }
      if (steady::now() - looked > rests_after
          || looked == steady::time_point{}) {
        changed.wait(lock);
        continue;
      }
      auto flow = flow_looked != steady::time_point{}
                  && steady::now() - flow_looked < rests_after;
      lock.unlock();
      auto began = steady::now();
      auto x = take(flow);
      lock.lock();
      newest = x;
      if (forgetting)
        continue;
      introspectors.clear();
      for (auto& [name, p] : processes)
        if (p.introspector)
          introspectors[name] = p.introspector;
      changed.notify_all();
      changed.wait_until(lock, began + interval,
                         [this] { return stopping || forgetting; });
    }
  }

  /// Drops all handles.
  void forget() {
    std::unique_lock lock{mutex};
    introspectors.clear();
    forgetting = true;
    changed.notify_all();
    changed.wait(lock, [this] { return stopping || !forgetting; });
  }

  picture_ptr take(bool flow) {
    auto seat_turn = leader_seat::instance().turn();
    if (seat_turn != turn) {
      turn = seat_turn;
      processes.clear();
      statuses.clear();
      silent_since.reset();
      moves = {};
    }
    auto leads = leader_seat::instance().ask(
        [&](caf::scoped_actor& self, const coordinator_actor& leader) {
          ask_coordinator(self, leader);
          ask_processes(self, flow);
        });
    if (!leads) {
      processes.clear(); // handles of a system that goes
      return nullptr;
    }
    if (statuses.empty())
      return nullptr;
    ask_own(flow);
    return assemble();
  }

  void ask_coordinator(caf::scoped_actor& self,
                       const coordinator_actor& leader) {
    auto status =
        ask_actor<cluster_status>(self, leader, answer_timeout, status_atom_v);
    if (!status) {
      if (!silent_since)
        silent_since = steady::now();
      return;
    }
    silent_since.reset();
    statuses.emplace_back(steady::now(), std::move(*status));
    while (statuses.size() > 2
           && statuses.back().first - statuses[1].first >= rate_span)
      statuses.pop_front();
    if (auto told =
            ask_actor<move_log>(self, leader, answer_timeout, moves_atom_v))
      moves = std::move(*told);
    auto nodes = ask_actor<std::vector<registered_node>>(
        self, leader, answer_timeout, nodes_atom_v);
    if (!nodes)
      return;
    process_map kept;
    for (auto& x : *nodes) {
      if (x.name == node)
        continue; // this very process: asked without a message
      auto& known = kept[x.name];
      auto before = processes.find(x.name);
      if (before != processes.end()
          && before->second.supervisor == x.supervisor)
        known = std::move(before->second);
      known.supervisor = x.supervisor;
    }
    if (auto self_known = processes.find(node); self_known != processes.end())
      kept[node] = std::move(self_known->second);
    processes = std::move(kept);
  }

  void ask_processes(caf::scoped_actor& self, bool flow) {
    std::vector<known_process*> strangers;
    for (auto& [name, p] : processes)
      if (name != node && !p.introspector)
        strangers.push_back(&p);
    ask_all<introspector_actor>(
        strangers,
        [&](auto& p) {
          return self->request(p.supervisor, 500ms, introspect_atom_v);
        },
        [](auto& p, introspector_actor& x) { p.introspector = std::move(x); },
        [](auto&) {
          // Asked again the next time.
        });
    std::vector<known_process*> known;
    for (auto& [name, p] : processes)
      if (name != node && p.introspector)
        known.push_back(&p);
      else if (name != node)
        note_silence(p);
    ask_all<node_snapshot>(
        known,
        [&](auto& p) {
          return self->request(p.introspector, answer_timeout, snapshot_atom_v,
                               flow);
        },
        [](auto& p, node_snapshot& x) { note_answer(p, std::move(x)); },
        [](auto& p) {
          note_silence(p);
          p.introspector = nullptr; // it may be another by now
        });
  }

  /// All at once, for one that hangs must not hold up the others.
  template <class Answer, class Ask, class Take, class Miss>
  static void ask_all(const std::vector<known_process*>& whom, Ask ask,
                      Take take, Miss miss) {
    std::vector<decltype(ask(*whom.front()))> asked;
    for (auto p : whom)
      asked.push_back(ask(*p));
    for (std::size_t i = 0; i < whom.size(); ++i)
      asked[i].receive([&](Answer& x) { take(*whom[i], x); },
                       [&](caf::error&) { miss(*whom[i]); });
  }

  void ask_own(bool flow) {
    if (own.snapshot)
      note_answer(processes[node], own.snapshot(flow));
  }

  static void note_answer(known_process& p, node_snapshot x) {
    p.silent_since.reset();
    p.answers.emplace_back(steady::now(),
                           std::make_shared<const node_snapshot>(std::move(x)));
    while (p.answers.size() > 2
           && p.answers.back().first - p.answers[1].first >= rate_span)
      p.answers.pop_front();
  }

  static void note_silence(known_process& p) {
    if (!p.silent_since)
      p.silent_since = steady::now();
  }

  picture_ptr assemble() {
    auto x = std::make_shared<picture>();
    x->at_ms = unix_ms();
    x->taken = steady::now();
    x->master = node;
    x->status = statuses.back().second;
    if (silent_since)
      x->silent_for_s = ms_since(*silent_since) / 1000;
    x->moves = moves;
    for (auto& [name, p] : processes) {
      auto& to = x->processes[name];
      if (!p.answers.empty()) {
        to.now = p.answers.back().second;
        if (p.answers.size() > 1)
          to.before = p.answers.front().second;
        to.age_ms = to.now->age_ms + ms_since(p.answers.back().first);
      }
      if (p.silent_since)
        to.silent_for_s = ms_since(*p.silent_since) / 1000;
    }
    auto& [first, before] = statuses.front();
    auto& [last, after] = statuses.back();
    if (statuses.size() > 1)
      x->rates = rates_between(
          before, after, std::chrono::duration<double>(last - first).count());
    history_point point;
    point.at_ms = x->at_ms;
    point.bars_per_s = x->rates.bars_per_s;
    for (auto& s : x->status.shards)
      point.lag += s.report.lag;
    point.messages_per_s = messages_per_s(*x);
    history.push_back(point);
    if (history.size() > most_history)
      history.pop_front();
    x->history = history;
    return x;
  }

  picture_ptr look(bool flow) {
    std::unique_lock lock{mutex};
    auto now = steady::now();
    looked = now;
    if (flow)
      flow_looked = now;
    changed.notify_all();
    auto is_new = [&] { return newest && now - newest->taken < 3 * interval; };
    changed.wait_until(lock, now + first_wait,
                       [&] { return stopping || is_new(); });
    return newest;
  }

  caf::expected<introspector_actor> introspector_of(const std::string& name) {
    std::unique_lock lock{mutex};
    looked = steady::now();
    auto found = introspectors.find(name);
    if (found == introspectors.end())
      return failure(errc::unavailable, "the node " + name
                                            + " gives no answer about its "
                                              "actors");
    return found->second;
  }

  /// Asks the introspector of a node.
  template <class Answer, class... Ts>
  caf::expected<Answer> ask(const std::string& name, const Ts&... xs) {
    caf::expected<Answer> result{
        failure(errc::unavailable, "this master does not lead any more")};
    leader_seat::instance().ask(
        [&](caf::scoped_actor& self, const coordinator_actor&) {
          if (auto actor = introspector_of(name))
            result = ask_actor<Answer>(self, *actor, answer_timeout, xs...);
          else
            result = std::move(actor.error());
        });
    return result;
  }
};

hub::hub(std::string node, own_process own)
    : implementation_(std::make_unique<implementation>()) {
  implementation_->node = std::move(node);
  implementation_->own = std::move(own);
  implementation_->thread =
      std::thread{[x = implementation_.get()] { x->run(); }};
  leader_seat::instance().set_farewell(
      [x = implementation_.get()] { x->forget(); });
}

hub::~hub() {
  leader_seat::instance().set_farewell(nullptr);
  {
    std::lock_guard guard{implementation_->mutex};
    implementation_->stopping = true;
  }
  implementation_->changed.notify_all();
  implementation_->thread.join();
}

picture_ptr hub::look() { return implementation_->look(false); }

picture_ptr hub::look_at_flow() { return implementation_->look(true); }

caf::expected<actor_detail> hub::inspect(const std::string& node,
                                         std::uint64_t serial) {
  auto& x = *implementation_;
  if (node == x.node && x.own.inspect)
    return x.own.inspect(serial);
  return x.ask<actor_detail>(node, inspect_atom_v, serial);
}

std::map<std::string, caf::expected<log_page>>
hub::logs(const std::string& node) {
  auto& x = *implementation_;
  std::map<std::string, caf::expected<log_page>> result;
  if (x.own.logs && (node.empty() || node == x.node))
    result.emplace(x.node, x.own.logs(0));
  leader_seat::instance().ask(
      [&](caf::scoped_actor& self, const coordinator_actor&) {
        std::map<std::string, introspector_actor> asked;
        {
          std::lock_guard guard{x.mutex};
          asked = x.introspectors;
        }
        for (auto& [name, actor] : asked)
          if (name != x.node && (node.empty() || node == name))
            result.emplace(name,
                           ask_actor<log_page>(self, actor, answer_timeout,
                                               logs_atom_v, std::uint64_t{0}));
      });
  return result;
}

caf::expected<std::string> hub::restart(const std::string& node,
                                        std::uint64_t serial) {
  auto& x = *implementation_;
  if (node == x.node && x.own.restart)
    return x.own.restart(serial);
  return x.ask<std::string>(node, restart_atom_v, serial);
}

} // namespace tickerflow::console
