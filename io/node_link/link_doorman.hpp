#pragma once

// Private to the folder.

#include <caf/io/network/doorman_impl.hpp>

#include <memory>

namespace tickerflow {

class waiting_room;

/// Listens for other nodes.
class link_doorman : public caf::io::network::doorman_impl {
public:
  /// @param socket listens already
  link_doorman(caf::io::network::default_multiplexer& mpx,
               caf::io::network::native_socket socket, bool with_tls);

  bool new_connection() override;

private:
  std::shared_ptr<waiting_room> room_;
  bool with_tls_;
};

} // namespace tickerflow
