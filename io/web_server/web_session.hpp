#pragma once

// Private to io/web_server: Boost's types end here.

#include "io/web_server/rate_limit.hpp"
#include "io/web_server/tls_files.hpp"
#include "io/web_server/web_server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>

namespace tickerflow {

/// What the sessions of a server share. The counts may be lowered by whatever
/// thread holds a session last; all else is the server's thread's.
struct web_shared {
  web_shared(web_server_options x, web_handlers y)
      : options(std::move(x)), handlers(std::move(y)),
        requests(options.requests_per_s, options.request_burst),
        pool(static_cast<std::size_t>(options.handler_threads)) {}

  web_server_options options;
  web_handlers handlers;
  rate_limit requests;
  std::atomic<std::size_t> open{0};
  std::atomic<std::size_t> sockets{0};
  std::size_t waiting = 0;
  boost::asio::thread_pool pool;
};

/// Serves a connection until one of the ends is tired of it.
/// @param tls null: none
void start_web_session(boost::asio::ip::tcp::socket socket,
                       const tls_files::context_ptr& tls, web_shared& shared);

} // namespace tickerflow
