#include "io/simulator/http_server.hpp"

#include "io/simulator/http_session.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include <cstring>
#include <stdexcept>
#include <thread>
#include <vector>

namespace tickerflow::sim {

namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

std::string lower_first(std::string text) {
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z')
    text[0] = static_cast<char>(text[0] | 0x20);
  return text;
}

[[noreturn]] void cannot_listen(const http_server_options& options,
                                const boost::system::error_code& error) {
  auto text = "cannot listen on " + options.bind + ':'
              + std::to_string(options.port) + ": "
              + lower_first(error.message());
  if (error == asio::error::address_in_use)
    text += " (stop the other program or give --port)";
  else if (error == asio::error::access_denied)
    text += " (ports below 1024 are for root: give --port)";
  else
    text += " (give --bind an address of this machine)";
  throw std::runtime_error(text);
}

/// @throws std::runtime_error naming the file
void load_certificate(ssl_context& context,
                      const http_server_options& options) {
  boost::system::error_code error;
  context.use_certificate_chain_file(options.tls_certificate, error);
  if (error)
    throw std::runtime_error("cannot use the certificate "
                             + options.tls_certificate + ": "
                             + error.message());
  context.use_private_key_file(options.tls_key, ssl_context::pem, error);
  if (error)
    throw std::runtime_error("cannot use the key " + options.tls_key + ": "
                             + error.message());
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
}

} // namespace

struct http_server::state : std::enable_shared_from_this<state> {
  state(http_server_options o, http_handler h)
      : options(std::move(o)), handler(std::move(h)),
        context(std::max(1, options.threads)),
        acceptor(asio::make_strand(context)), ssl(ssl_context::tls_server) {}

  void listen() {
    boost::system::error_code error;
    auto address = asio::ip::make_address(options.bind, error);
    if (error)
      cannot_listen(options, error);
    tcp::endpoint place{address, options.port};
    acceptor.open(place.protocol(), error);
    if (!error)
      acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error)
      acceptor.bind(place, error);
    if (!error)
      acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error)
      cannot_listen(options, error);
  }

  void accept() {
    acceptor.async_accept(
        asio::make_strand(context),
        [self = shared_from_this()](boost::system::error_code error,
                                    tcp::socket socket) {
          if (error == asio::error::operation_aborted || self->board.stopping())
            return;
          if (!error)
            self->serve(std::move(socket));
          self->accept();
        });
  }

  void serve(tcp::socket socket) {
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    if (options.tls_certificate.empty())
      start_session(std::move(socket), handler, board);
    else
      start_session(std::move(socket), ssl, handler, board);
  }

  http_server_options options;
  http_handler handler;
  session_board board;
  asio::io_context context;
  tcp::acceptor acceptor;
  ssl_context ssl;
  std::vector<std::thread> threads;
};

http_server::http_server(http_server_options options, http_handler handler)
    : state_(std::make_shared<state>(std::move(options), std::move(handler))) {
  if (!state_->options.tls_certificate.empty())
    load_certificate(state_->ssl, state_->options);
  state_->listen();
}

http_server::~http_server() { stop(); }

std::uint16_t http_server::port() const {
  boost::system::error_code ignored;
  auto place = state_->acceptor.local_endpoint(ignored);
  return place.port() != 0 ? place.port() : state_->options.port;
}

void http_server::start() {
  if (!state_->threads.empty())
    return;
  state_->options.port = port(); // still known after stop()
  state_->accept();
  for (auto i = std::max(1, state_->options.threads); i > 0; --i)
    state_->threads.emplace_back([x = state_] { x->context.run(); });
}

void http_server::stop() {
  auto& x = *state_;
  x.board.stop();
  asio::post(x.acceptor.get_executor(), [state = state_] {
    boost::system::error_code ignored;
    state->acceptor.close(ignored);
  });
  if (x.threads.empty()) {
    boost::system::error_code ignored;
    x.acceptor.close(ignored);
    return;
  }
  x.board.wait_for_end(std::chrono::seconds(2));
  x.context.stop();
  for (auto& thread : x.threads)
    thread.join();
  x.threads.clear();
  // What was not run holds the state that holds the context: run it.
  boost::system::error_code ignored;
  x.acceptor.close(ignored);
  x.context.restart();
  x.context.poll();
}

} // namespace tickerflow::sim
