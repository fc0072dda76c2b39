#include "io/web_server/web_server.hpp"

#include "io/web_server/web_session.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <spdlog/spdlog.h>

#include <optional>
#include <thread>

namespace tickerflow {

namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;

} // namespace

struct web_server::implementation {
  implementation(web_server_options x, web_handlers y)
      : shared(std::move(x), std::move(y)) {}

  // The sessions that the context's queue holds use the part before it.
  web_shared shared;
  std::optional<tls_files> tls;
  asio::io_context context{1};
  tcp::acceptor acceptor{context};
  asio::steady_timer pause{context};
  std::thread thread;

  caf::error listen() {
    auto& options = shared.options;
    if (!options.certificate.empty()) {
      tls.emplace(options.certificate, options.key);
      if (auto loaded = tls->load(); !loaded)
        return std::move(loaded.error());
    }
    error_code e;
    tcp::resolver resolver{context};
    auto places = resolver.resolve(options.host, std::to_string(options.port),
                                   tcp::resolver::passive, e);
    if (!e) {
      auto place = places.begin()->endpoint();
      acceptor.open(place.protocol(), e);
      if (!e)
        acceptor.set_option(asio::socket_base::reuse_address(true), e);
      if (!e)
        acceptor.bind(place, e);
      if (!e)
        acceptor.listen(128, e);
    }
    if (!e)
      return caf::none;
    return failure(errc::bad_setting,
                   "cannot listen on " + options.host + ':'
                       + std::to_string(options.port) + ": " + e.message()
                       + " (does another program have the port?)");
  }

  /// One connection's fault must not end the others, let alone the process.
  void run() {
    while (!context.stopped())
      try {
        context.run();
      } catch (const std::exception& x) {
        spdlog::error("event=http_connection_failed reason=\"{}\"",
                      x.what());
      }
  }

  void accept() {
    acceptor.async_accept([this](error_code e, tcp::socket socket) {
      if (e == asio::error::operation_aborted)
        return;
      if (!e && shared.open < shared.options.most_connections)
        start_web_session(std::move(socket), tls ? tls->current() : nullptr,
                          shared);
      if (!e)
        return accept();
      // No file descriptor is left, for one: not again at once.
      pause.expires_after(std::chrono::milliseconds{100});
      pause.async_wait([this](error_code stopped) {
        if (!stopped)
          accept();
      });
    });
  }
};

caf::expected<std::unique_ptr<web_server>>
web_server::start(web_server_options options, web_handlers handlers) {
  auto x =
      std::make_unique<implementation>(std::move(options), std::move(handlers));
  if (auto error = x->listen())
    return error;
  auto own = x.get();
  own->accept();
  own->thread = std::thread{[own] { own->run(); }};
  return std::unique_ptr<web_server>{new web_server{std::move(x)}};
}

web_server::web_server(std::unique_ptr<implementation> x)
    : implementation_(std::move(x)) {}

web_server::~web_server() {
  implementation_->context.stop();
  implementation_->thread.join();
  implementation_->shared.pool.join();
}

std::uint16_t web_server::port() const {
  error_code ignored;
  return implementation_->acceptor.local_endpoint(ignored).port();
}

} // namespace tickerflow
