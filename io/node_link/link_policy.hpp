#pragma once

// Private to the folder.

#include <caf/openssl/session.hpp>
#include <caf/policy/tcp.hpp>
#include <openssl/err.h>

#include <utility>

namespace tickerflow {

/// How a connection's bytes travel: by a TLS session of CAF's OpenSSL module,
/// or as they are.
class link_policy {
public:
  using socket = caf::io::network::native_socket;
  using rw_state = caf::io::network::rw_state;

  /// @param session null: as they are
  explicit link_policy(caf::openssl::session_ptr session)
      : session_(std::move(session)) {}

  rw_state read_some(size_t& done, socket from, void* to, size_t size) {
    if (!session_)
      return caf::policy::tcp::read_some(done, from, to, size);
    forget_errors();
    return session_->read_some(done, from, to, size);
  }

  rw_state write_some(size_t& done, socket to, const void* from, size_t size) {
    if (!session_)
      return caf::policy::tcp::write_some(done, to, from, size);
    forget_errors();
    return session_->write_some(done, to, from, size);
  }

  bool must_read_more(socket from, size_t threshold) {
    return session_ && session_->must_read_more(from, threshold);
  }

  /// OpenSSL keeps errors in one queue a thread, and takes what it finds there
  /// for the newest call's: without this, garbage from a stranger would end
  /// the next connection that has nothing to read.
  static void forget_errors() { ERR_clear_error(); }

private:
  caf::openssl::session_ptr session_;
};

} // namespace tickerflow
