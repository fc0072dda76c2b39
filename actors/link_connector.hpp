#pragma once

#include "io/certificates/pem_file.hpp"
#include "messages/link_connector.hpp"

#include <caf/io/middleman_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace tickerflow {

/// Asks the middleman to connect, and says in words why it could not.
/// @param files what this node shows to others; empty paths: nothing
link_connector_actor::behavior_type
link_connector(link_connector_actor::pointer self,
               caf::io::middleman_actor middleman, certificate_files files);

} // namespace tickerflow
