#pragma once

#include "io/certificates/pem_file.hpp"
#include "io/settings/settings.hpp"

#include <chrono>

namespace tickerflow {

/// Finds out why two nodes could not connect, which CAF does not tell: does
/// the TLS handshake once more and looks at its end. Blocks.
/// @param mine what this node shows; empty paths: it does not encrypt
/// @param patience for each step
/// @returns cause and what to do, for people
std::string explain_handshake(const endpoint& peer,
                              const certificate_files& mine,
                              std::chrono::milliseconds patience);

} // namespace tickerflow
