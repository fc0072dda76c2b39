#pragma once

#include "io/certificates/pem_file.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/io/middleman_actor.hpp>

namespace tickerflow {

/// Makes the system encrypt its links and ask every peer for a certificate of
/// the authority. Call it after the middleman is loaded.
/// @pre the files passed check_certificates()
void encrypt_links(caf::actor_system_config& cfg,
                   const certificate_files& files);

/// @returns the files that encrypt the system's links; empty paths: none do
certificate_files link_files(const caf::actor_system& system);

/// Starts what connects to other nodes and listens for them, in place of CAF's
/// own middleman actors: it has their interface, and uses the TLS sessions of
/// CAF's OpenSSL module, but strangers cannot take its memory, its processor
/// or its other connections, and a host that does not answer is given up.
///
/// Detached; connecting blocks it for a few seconds at most. Errors of
/// connecting are `unavailable` with the cause in words, or CAF's own. End it
/// with exit_reason::kill before the system goes.
caf::io::middleman_actor spawn_link_middleman(caf::actor_system& system);

} // namespace tickerflow
