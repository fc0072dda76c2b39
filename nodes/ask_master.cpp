#include "nodes/ask_master.hpp"

#include "nodes/node_link.hpp"
#include "nodes/process.hpp"
#include "nodes/read_settings.hpp"

#include <caf/all.hpp>

#include <iostream>

namespace tickerflow {

namespace {

/// Through the connector: connecting directly has no timeout.
caf::expected<coordinator_actor> connect(caf::scoped_actor& self,
                                         const node_link& link,
                                         const endpoint& address) {
  caf::expected<coordinator_actor> result{caf::sec::cannot_connect_to_node};
  self->request(link.connector(), std::chrono::seconds{5}, caf::connect_atom_v,
                address.host, address.port)
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
  node_link link{system};
  caf::scoped_actor self{system};
  std::string reasons;
  for (auto& address : x.cluster.masters) {
    auto complain = [&](const caf::error& reason) {
      reasons += (reasons.empty() ? "" : "; ") + to_string(address) + ": "
                 + text_of(reason);
    };
    auto master = connect(self, link, address);
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
