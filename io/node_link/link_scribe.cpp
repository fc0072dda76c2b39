#include "io/node_link/link_scribe.hpp"

#include "io/certificates/pem.hpp" // for take_openssl_error
#include "io/node_link/greeting.hpp"

#include <caf/io/basp_broker.hpp>
#include <caf/io/network/default_multiplexer.hpp>

namespace tickerflow {

namespace net = caf::io::network;

namespace {

/// For a peer that took the connection, until it greets as a node.
constexpr caf::timespan greeting_patience = std::chrono::milliseconds{1500};

} // namespace

link_scribe::link_scribe(multiplexer& mpx, net::native_socket socket,
                         caf::openssl::session_ptr session,
                         std::shared_ptr<waiting_room> room)
    : scribe(net::conn_hdl_from_socket(socket)),
      stream_(mpx, socket, std::move(session)), room_(std::move(room)),
      // A peer that is gone has no address any more.
      peer_(addr() + ':' + std::to_string(port())) {
  if (room_)
    room_->enter(*this);
  else
    proven_ = true;
}

link_scribe::~link_scribe() {
  if (room_)
    room_->leave(*this);
}

void link_scribe::drop() {
  link_policy::forget_errors(); // they are not this connection's
  io_failure(&stream_.backend(), net::operation::read);
}

bool link_scribe::consume(caf::execution_unit* ctx, const void* data,
                          size_t size) {
  ++chunks_;
  if (!proven_) {
    // With TLS: the certificate was good. Without: it sent a whole header.
    proven_ = true;
    room_->leave(*this);
  }
  if (!room_ && chunks_ == 2) // after the header of its greeting
    note_greeting({static_cast<const char*>(data), size});
  auto go_on = scribe::consume(ctx, data, size); // flushes at its end
  if (!too_long_)
    return go_on;
  drop();
  return false;
}

void link_scribe::configure_read(caf::io::receive_policy::config config) {
  // One chunk is the greeting's header: its payload comes next.
  if (config.second > (chunks_ <= 1 ? most_greeting_bytes : most_bytes)) {
    too_long_ = true;
    return;
  }
  stream_.configure_read(config);
  if (!launched_) {
    launched_ = true;
    if (!room_)
      begin_greeting();
    stream_.start(this);
  }
}

/// To the broker, whom we connect to was last heard of in 1970: its next look
/// at the connections, a fraction of a second away, would end this one.
void link_scribe::begin_greeting() {
  auto broker = dynamic_cast<caf::io::basp_broker*>(parent());
  if (broker == nullptr)
    return;
  auto known = broker->ctx.find(hdl());
  if (known == broker->ctx.end())
    return;
  auto silence = caf::get_or(broker->config(), "middleman.connection-timeout",
                             caf::timespan{0});
  auto spent = std::max(silence - greeting_patience, caf::timespan{0});
  known->second.last_seen = broker->clock().now() - spent;
}

void link_scribe::ack_writes(bool enable) { stream_.ack_writes(enable); }

std::vector<char>& link_scribe::wr_buf() { return stream_.wr_buf(); }

std::vector<char>& link_scribe::rd_buf() { return stream_.rd_buf(); }

/// The broker's answer to what is no message of a node; and the end of all
/// connections when the system stops.
void link_scribe::graceful_shutdown() {
  if (room_ && chunks_ == 1)
    room_->tell_refusal(peer_, "it greets otherwise than a node");
  stream_.graceful_shutdown();
  detach(&stream_.backend(), false);
}

void link_scribe::flush() {
  // Who connects speaks first. To write before the handshake is through would
  // be to try it again and again: a socket is always ready for writing.
  if (proven_)
    stream_.flush(this);
}

std::string link_scribe::addr() const {
  auto x = net::remote_addr_of_fd(stream_.fd());
  return x ? *x : std::string{};
}

std::uint16_t link_scribe::port() const {
  auto x = net::remote_port_of_fd(stream_.fd());
  return x ? *x : std::uint16_t{0};
}

void link_scribe::add_to_loop() { stream_.activate(this); }

void link_scribe::remove_from_loop() { stream_.passivate(); }

/// Called when the connection failed, while OpenSSL's errors are still there.
caf::message link_scribe::detach_message() {
  std::string reason;
  if (too_long_)
    reason = "it announces more bytes than any node would send";
  else if (!proven_)
    reason = take_openssl_error(); // none: it went without a word
  if (room_ && !reason.empty())
    room_->tell_refusal(peer_, reason);
  return scribe::detach_message();
}

void link_scribe::detach_from(caf::io::abstract_broker* broker) {
  if (room_)
    room_->leave(*this);
  scribe::detach_from(broker);
}

} // namespace tickerflow
