// What it costs to count messages: messages a second to an actor without, with
// nobody looking, with flow, and with somebody looking at that very actor, in
// turns.

#include "actors/node_introspection.hpp"
#include "actors/observed.hpp"
#include "messages/quota.hpp"
#include "messages/setup.hpp"

#include <caf/all.hpp>
#include <spdlog/fmt/fmt.h>

#include <sys/resource.h>

#include <algorithm>
#include <vector>

using namespace tickerflow;

namespace {

constexpr int messages = 2'000'000;
constexpr int rounds = 9;

struct config : caf::actor_system_config {
  config() {
    add_messages(*this);
    set("scheduler.max-threads", size_t{1}); // none that looks for work
  }
};

struct sink_state {
  static constexpr const char* name = "sink";

  std::int64_t taken = 0;
};

template <class Pointer>
quota_actor::behavior_type sink(Pointer self) {
  return {
      [](acquire_atom, const std::string&) { return api_permit{}; },
      [self](refused_atom, const api_refusal&) { ++self->state.taken; },
      [self](status_atom) {
        budget_status result;
        result.refused = self->state.taken;
        return result;
      },
  };
}

using plain = quota_actor::stateful_pointer<sink_state>;
using counted = observed_pointer<quota_actor, sink_state>;

enum class looks { nobody, flow, closely };

/// Of one run, from the first send until all are handled.
struct figures {
  double rate = 0;   // messages a second
  double cpu_ns = 0; // of the process, a message: what other programs take
                     // from the machine is not in it
};

double cpu_now_ns() {
  rusage x{};
  ::getrusage(RUSAGE_SELF, &x);
  auto ns = [](const timeval& t) {
    return 1e9 * static_cast<double>(t.tv_sec)
           + 1e3 * static_cast<double>(t.tv_usec);
  };
  return ns(x.ru_utime) + ns(x.ru_stime);
}

template <class Pointer>
figures run(caf::actor_system& system, looks how = looks::nobody) {
  auto actor = system.spawn(sink<Pointer>);
  if constexpr (std::is_same_v<Pointer, counted>) {
    auto& y = dynamic_cast<observable&>(
        *caf::actor_cast<caf::abstract_actor*>(actor));
    auto until = std::chrono::steady_clock::now() + std::chrono::minutes{1};
    if (how == looks::flow)
      actor_board::instance().want_flow(until);
    else
      actor_board::instance().want_flow({});
    if (how == looks::closely)
      y.counters()->watch_until(until);
  }
  caf::scoped_actor self{system};
  auto message = caf::make_message(refused_atom_v, api_refusal{});
  auto cpu = cpu_now_ns();
  auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < messages; ++i)
    caf::anon_send(caf::actor_cast<caf::actor>(actor), message);
  self->request(actor, caf::infinite, status_atom_v)
      .receive(
          [](const budget_status& x) {
            if (x.refused != messages)
              std::abort();
          },
          [](const caf::error&) { std::abort(); });
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  return {messages / took.count(), (cpu_now_ns() - cpu) / messages};
}

/// The middle one of each figure.
figures median(std::vector<figures> x) {
  auto middle = [&](double figures::*field) {
    auto half = x.begin() + static_cast<std::ptrdiff_t>(x.size() / 2);
    std::nth_element(x.begin(), half, x.end(),
                     [=](auto& y, auto& z) { return y.*field < z.*field; });
    return (*half).*field;
  };
  return {middle(&figures::rate), middle(&figures::cpu_ns)};
}

} // namespace

int main() {
  config cfg;
  caf::actor_system system{cfg};
  std::vector<figures> without;
  std::vector<figures> with;
  std::vector<figures> flow;
  std::vector<figures> closely;
  for (int i = 0; i < rounds; ++i) {
    without.push_back(run<plain>(system));
    with.push_back(run<counted>(system));
    flow.push_back(run<counted>(system, looks::flow));
    closely.push_back(run<counted>(system, looks::closely));
  }
  auto base = median(without);
  auto print = [&](const char* what, const figures& x) {
    fmt::print("{:<22} {:.2f} M messages/s, {:.0f} ns of CPU a message, "
               "{:+.0f}\n",
               what, x.rate / 1e6, x.cpu_ns, x.cpu_ns - base.cpu_ns);
  };
  fmt::print("median of {} runs of {} messages\n", rounds, messages);
  print("not counted", base);
  print("counted, nobody looks", median(with));
  print("with flow", median(flow));
  print("looked at closely", median(closely));
  return 0;
}
