#pragma once

#include "io/web_server/web_server.hpp"
#include "nodes/console/access.hpp"

#include <functional>
#include <memory>
#include <string>

namespace tickerflow::console {

struct live_options {
  /// The body of a GET, or the problem thrown.
  std::function<web_reply(const std::string& path, const std::string& query)>
      render;
  /// Whether a client may still look.
  std::function<bool(const caller&)> still_in;
};

/// Sends to each WebSocket what it watches, when it changed and at most once a
/// second. What several watch is made once for all of them; what nobody watches
/// is not made.
///
/// Bounds  64 paths a client, a path of 1,000 letters; what takes long to make
///         is made more rarely
class live {
public:
  explicit live(live_options options);
  ~live();

  live(const live&) = delete;
  live& operator=(const live&) = delete;

  /// Makes the user of a WebSocket that is about to be opened.
  std::shared_ptr<web_socket_user> join(const caller& who);

  std::size_t clients() const;

private:
  struct implementation;
  std::shared_ptr<implementation> implementation_;
};

} // namespace tickerflow::console
