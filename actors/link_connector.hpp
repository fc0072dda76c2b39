#pragma once

#include "actors/observed.hpp"
#include "io/certificates/pem_file.hpp"
#include "messages/link_connector.hpp"

#include <caf/io/middleman_actor.hpp>

namespace tickerflow {

struct link_connector_state {
  static constexpr const char* name = "link_connector";

  void tell(state_page& out) const;

  std::int64_t attempts = 0;
  std::string last_peer;
  std::string last_failure; // empty: it was reached
};

/// Asks the middleman to connect, and says in words why it could not.
/// @param files what this node shows to others; empty paths: nothing
link_connector_actor::behavior_type link_connector(
    observed_pointer<link_connector_actor, link_connector_state> self,
    caf::io::middleman_actor middleman, certificate_files files);

} // namespace tickerflow
