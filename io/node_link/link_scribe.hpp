#pragma once

// Private to the folder.

#include "io/node_link/link_policy.hpp"
#include "io/node_link/waiting_room.hpp"

#include <caf/io/network/stream_impl.hpp>
#include <caf/io/scribe.hpp>

#include <memory>

namespace tickerflow {

/// A connection to another node, in place of CAF's, which trusts whoever
/// connects: it writes from the first moment on, so that a TLS handshake that
/// is not answered takes a whole core, and it makes room for any length that a
/// stranger's first bytes happen to say, up to 4 GiB.
class link_scribe : public caf::io::scribe {
public:
  using multiplexer = caf::io::network::default_multiplexer;

  /// What a message may be long. The largest of ours, the status of 100'000
  /// tickers, has some 10 MB.
  static constexpr size_t most_bytes = 64 << 20;
  /// What a node's greeting may be long; it has some kB.
  static constexpr size_t most_greeting_bytes = 64 << 10;

  /// @param session null: without TLS; of a connection that we made, its
  ///        handshake has to be complete
  /// @param room for a connection that was made to us; null: by us
  link_scribe(multiplexer& mpx, caf::io::network::native_socket socket,
              caf::openssl::session_ptr session,
              std::shared_ptr<waiting_room> room);

  ~link_scribe() override;

  /// Ends the connection as if the peer had.
  void drop();

  bool consume(caf::execution_unit* ctx, const void* data,
               size_t size) override;
  void configure_read(caf::io::receive_policy::config config) override;
  void ack_writes(bool enable) override;
  std::vector<char>& wr_buf() override;
  std::vector<char>& rd_buf() override;
  void graceful_shutdown() override;
  void flush() override;
  std::string addr() const override;
  std::uint16_t port() const override;
  void add_to_loop() override;
  void remove_from_loop() override;

protected:
  caf::message detach_message() override;
  void detach_from(caf::io::abstract_broker* broker) override;

private:
  void begin_greeting();

  caf::io::network::stream_impl<link_policy> stream_;
  std::shared_ptr<waiting_room> room_; // null: connected by us
  std::string peer_;
  std::uint64_t chunks_ = 0; // headers and payloads taken in
  bool launched_ = false;
  bool proven_ = false;   // that a node is there
  bool too_long_ = false; // what it wants to send
};

} // namespace tickerflow
