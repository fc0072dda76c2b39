#include "io/node_link/link_doorman.hpp"

#include "io/certificates/pem.hpp" // for take_openssl_error
#include "io/node_link/link_scribe.hpp"

#include <caf/detail/socket_guard.hpp>
#include <caf/io/abstract_broker.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <spdlog/spdlog.h>

namespace tickerflow {

namespace net = caf::io::network;

namespace {

std::string address_of(net::native_socket x) {
  auto host = net::remote_addr_of_fd(x);
  auto port = net::remote_port_of_fd(x);
  return host && port ? *host + ':' + std::to_string(*port) : "?";
}

} // namespace

link_doorman::link_doorman(net::default_multiplexer& mpx,
                           net::native_socket socket, bool with_tls)
    : doorman_impl(mpx, socket), room_(std::make_shared<waiting_room>()),
      with_tls_(with_tls) {}

bool link_doorman::new_connection() {
  if (detached())
    return false; // closed a moment ago
  auto& mpx = acceptor_.backend();
  auto socket = acceptor_.accepted_socket();
  caf::detail::socket_guard guard{socket};
  net::nonblocking(socket, true);
  caf::openssl::session_ptr session;
  if (with_tls_) {
    link_policy::forget_errors();
    try {
      session = caf::openssl::make_session(parent()->system(), socket, true);
    } catch (const std::exception& x) {
      // The files are read for each connection: they may be gone by now, or
      // be in the midst of being replaced.
      spdlog::error("event=link_failed peer={} reason=\"{}: {}\" hint=\"do "
                    "tls_cert, tls_key and tls_ca still belong together?\"",
                    address_of(socket), x.what(), take_openssl_error());
      return false;
    }
    if (!session) {
      if (auto reason = take_openssl_error(); !reason.empty())
        room_->tell_refusal(address_of(socket), reason);
      return false;
    }
  }
  auto scribe =
      caf::make_counted<link_scribe>(mpx, socket, std::move(session), room_);
  guard.release(); // the scribe's from here on
  auto handle = scribe->hdl();
  parent()->add_scribe(std::move(scribe));
  return doorman::new_connection(&mpx, handle);
}

} // namespace tickerflow
