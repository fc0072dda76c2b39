#include "io/node_link/link_middleman.hpp"

#include "io/node_link/link_doorman.hpp"
#include "io/node_link/link_scribe.hpp"
#include "io/reach/reach.hpp"
#include "messages/errc.hpp"

#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/middleman_actor_impl.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/openssl/manager.hpp>

namespace tickerflow {

namespace {

namespace net = caf::io::network;
using caf::openssl::session_ptr;

/// For each step of connecting: name, TCP, TLS.
constexpr std::chrono::milliseconds patience{1500};

class link_middleman : public caf::io::middleman_actor_impl {
public:
  link_middleman(caf::actor_config& cfg, caf::actor broker)
      : middleman_actor_impl(cfg, std::move(broker)) {}

  const char* name() const override { return "link_middleman"; }

protected:
  caf::expected<caf::io::scribe_ptr> connect(const std::string& host,
                                             std::uint16_t port) override {
    auto found = connect_to({host, port}, patience);
    if (found.fault != reach_fault::none)
      return failure(errc::unavailable, found.cause);
    auto socket = found.socket.descriptor();
    session_ptr session;
    if (system().has_openssl_manager()) {
      auto made = shake_hands(socket, found.address);
      if (!made)
        return made.error();
      session = std::move(*made);
    }
    net::nonblocking(socket, true);
    found.socket.release(); // the scribe's from here on
    return caf::make_counted<link_scribe>(backend(), socket, std::move(session),
                                          nullptr);
  }

  caf::expected<caf::io::doorman_ptr>
  open(std::uint16_t port, const char* address, bool reuse) override {
    auto socket = net::new_tcp_acceptor_impl(port, address, reuse);
    if (!socket)
      return socket.error();
    return caf::make_counted<link_doorman>(backend(), *socket,
                                           system().has_openssl_manager());
  }

private:
  net::default_multiplexer& backend() {
    return static_cast<net::default_multiplexer&>(
        system().middleman().backend());
  }

  /// @param socket blocks, with time limits: the handshake is complete or has
  ///        failed afterwards
  caf::expected<session_ptr> shake_hands(net::native_socket socket,
                                         const std::string& address) {
    auto start = std::chrono::steady_clock::now();
    auto silent = failure(errc::unavailable,
                          address + " took the connection and says nothing");
    link_policy::forget_errors();
    try {
      auto session = caf::openssl::make_session(system(), socket, false);
      if (!session)
        return caf::make_error(caf::sec::disconnect_during_handshake);
      if (std::chrono::steady_clock::now() - start >= patience)
        return silent;
      // To read nothing is "indeterminate" once the handshake is complete.
      char nothing = 0;
      size_t done = 0;
      link_policy::forget_errors();
      switch (session->read_some(done, socket, &nothing, 0)) {
        case net::rw_state::indeterminate: return session;
        case net::rw_state::failure:
          return caf::make_error(caf::sec::disconnect_during_handshake);
        case net::rw_state::success: break;
      }
      return silent;
    } catch (const std::exception& x) {
      // The files are read for each connection: see link_doorman.
      return failure(errc::unavailable,
                     std::string{"this node's certificate: "} + x.what());
    }
  }
};

} // namespace

void encrypt_links(caf::actor_system_config& cfg,
                   const certificate_files& files) {
  cfg.load<caf::openssl::manager>();
  cfg.openssl_certificate = files.certificate;
  cfg.openssl_key = files.key;
  cfg.openssl_cafile = files.authority;
}

certificate_files link_files(const caf::actor_system& system) {
  auto& cfg = system.config();
  return {cfg.openssl_certificate, cfg.openssl_key, cfg.openssl_cafile};
}

caf::io::middleman_actor spawn_link_middleman(caf::actor_system& system) {
  return system.spawn<link_middleman, caf::detached + caf::hidden>(
      system.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP")));
}

} // namespace tickerflow
