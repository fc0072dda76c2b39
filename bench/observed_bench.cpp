// What it costs to count messages: messages a second to an actor without, with
// nobody looking, with flow, and with somebody looking at that very actor, in
// turns.

#include "actors/node_introspection.hpp"
#include "actors/observed.hpp"
#include "messages/quota.hpp"
#include "messages/setup.hpp"

#include <caf/all.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <vector>

using namespace tickerflow;

namespace {

constexpr int messages = 2'000'000;
constexpr int rounds = 9;

struct config : caf::actor_system_config {
  config() { add_messages(*this); }
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

/// @returns messages a second, from the first send until all are handled
template <class Pointer>
double rate(caf::actor_system& system, looks how = looks::nobody) {
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
  return messages / took.count();
}

double median(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  return x[x.size() / 2];
}

} // namespace

int main() {
  config cfg;
  caf::actor_system system{cfg};
  std::vector<double> without;
  std::vector<double> with;
  std::vector<double> flow;
  std::vector<double> closely;
  for (int i = 0; i < rounds; ++i) {
    without.push_back(rate<plain>(system));
    with.push_back(rate<counted>(system));
    flow.push_back(rate<counted>(system, looks::flow));
    closely.push_back(rate<counted>(system, looks::closely));
  }
  auto base = median(without);
  auto print = [&](const char* what, double x) {
    fmt::print("{:<22} {:.2f} M messages/s, {:+.0f} ns a message\n", what,
               x / 1e6, 1e9 / x - 1e9 / base);
  };
  fmt::print("median of {} runs of {} messages\n", rounds, messages);
  print("not counted", base);
  print("counted, nobody looks", median(with));
  print("with flow", median(flow));
  print("looked at closely", median(closely));
  return 0;
}
