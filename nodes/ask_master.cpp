#include "nodes/ask_master.hpp"

#include "nodes/process.hpp"
#include "nodes/read_settings.hpp"

#include <caf/io/all.hpp>

#include <iostream>

namespace tickerflow {

namespace {

/// Through the middleman's actor: connecting directly has no timeout.
caf::expected<coordinator_actor> connect(caf::scoped_actor& self,
                                         const endpoint& address) {
  caf::expected<coordinator_actor> result{caf::sec::cannot_connect_to_node};
  self->request(self->system().middleman().actor_handle(),
                std::chrono::seconds{3}, caf::connect_atom::value, address.host,
                address.port)
      .receive(
          [&](const caf::node_id&, caf::strong_actor_ptr& found,
              const std::set<std::string>&) {
            if (found)
              result = caf::actor_cast<coordinator_actor>(found);
          },
          [&](caf::error& x) { result = std::move(x); });
  return result;
}

} // namespace

int ask_master(const settings& x, const master_question& question) {
  node_config config{x};
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  std::string reasons;
  for (auto& address : x.cluster.masters) {
    auto complain = [&](const caf::error& reason) {
      reasons += (reasons.empty() ? "" : "; ") + to_string(address) + ": "
                 + system.render(reason);
    };
    auto master = connect(self, address);
    if (!master) {
      complain(master.error());
      continue;
    }
    auto error = question(self, *master);
    if (!error)
      return exit_ok;
    if (error != caf::sec::request_timeout) {
      std::cerr << text_of(error) << '\n';
      return exit_failed;
    }
    complain(error);
  }
  std::cerr << "no answer from a master that leads: " << reasons
            << " (is one running? give the addresses with --master)\n";
  return exit_failed;
}

} // namespace tickerflow
