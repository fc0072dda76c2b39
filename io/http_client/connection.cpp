#include "io/http_client/connection.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <optional>

namespace tickerflow {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

namespace {

/// Runs an asynchronous operation to its end; its own deadline ends it.
template <class Start>
boost::system::error_code run(asio::io_context& context, Start start) {
  std::optional<boost::system::error_code> result;
  start([&result](boost::system::error_code x, auto&&...) { result = x; });
  context.restart();
  while (!result && context.run_one() > 0) {
    // The handlers of one operation.
  }
  return result.value_or(asio::error::operation_aborted);
}

bool is_address(const std::string& host) {
  boost::system::error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

} // namespace

http_connection::http_connection(const server_url& server,
                                 const http_client_options& options)
    : server_(server), options_(options) {
  // nop
}

http_connection::~http_connection() {
  // No polite TLS goodbye: the server can be hung.
  error_code ignored;
  if (secure_)
    beast::get_lowest_layer(*secure_).socket().close(ignored);
  else if (plain_) // neither if the name was not found
    plain_->socket().close(ignored);
}

caf::error http_connection::away(const std::string& what,
                                 error_code reason) const {
  return failure(errc::unavailable, what + ' ' + server_.host + ':'
                                        + server_.port + ": "
                                        + reason.message());
}

void http_connection::expire_at(clock::time_point t) {
  auto& stream = secure_ ? beast::get_lowest_layer(*secure_) : *plain_;
  stream.expires_at(t);
}

caf::error http_connection::resolve(clock::time_point deadline) {
  // getaddrinfo cannot be cancelled: the answer may come after we gave up, so
  // nothing on this stack may be waiting for it.
  struct lookup {
    bool done = false;
    error_code error;
    asio::ip::tcp::resolver::results_type addresses;
  };
  auto found = std::make_shared<lookup>();
  asio::ip::tcp::resolver resolver{context_};
  resolver.async_resolve(
      server_.host, server_.port,
      [found](error_code error, asio::ip::tcp::resolver::results_type x) {
        *found = {true, error, std::move(x)};
      });
  context_.restart();
  while (!found->done && context_.run_one_until(deadline) > 0) {
    // Until it is found or too late.
  }
  if (!found->done)
    return away("looking up", asio::error::timed_out);
  if (found->error)
    return away("looking up", found->error);
  addresses_ = std::move(found->addresses);
  return caf::none;
}

caf::error http_connection::open(asio::ssl::context* tls,
                                 clock::time_point deadline) {
  if (auto error = resolve(deadline))
    return error;
  if (tls)
    secure_ = std::make_unique<tls_stream>(context_, *tls);
  else
    plain_ = std::make_unique<tcp_stream>(context_);
  auto& stream = tls ? beast::get_lowest_layer(*secure_) : *plain_;
  stream.expires_at(deadline);
  auto error = run(context_, [&](auto done) {
    stream.async_connect(addresses_, std::move(done));
  });
  if (error)
    return away("connecting to", error);
  error_code ignored;
  stream.socket().set_option(asio::ip::tcp::no_delay{true}, ignored);
  last_used_ = clock::now();
  return tls ? shake_hands(*tls, deadline) : caf::error{};
}

caf::error http_connection::shake_hands(asio::ssl::context&,
                                        clock::time_point deadline) {
  auto handle = secure_->native_handle();
  auto parameters = SSL_get0_param(handle);
  auto named = true;
  if (is_address(server_.host)) {
    named =
        X509_VERIFY_PARAM_set1_ip_asc(parameters, server_.host.c_str()) == 1;
  } else {
    X509_VERIFY_PARAM_set_hostflags(parameters,
                                    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    named = X509_VERIFY_PARAM_set1_host(parameters, server_.host.c_str(),
                                        server_.host.size())
                == 1
            && SSL_set_tlsext_host_name(handle, server_.host.c_str()) == 1;
  }
  if (!named)
    return failure(errc::bad_setting,
                   server_.host
                       + " cannot be a certificate's name: check "
                       + options_.url_setting);
  expire_at(deadline);
  auto error = run(context_, [this](auto done) {
    secure_->async_handshake(asio::ssl::stream_base::client, std::move(done));
  });
  if (!error)
    return caf::none;
  auto verdict = SSL_get_verify_result(handle);
  if (verdict == X509_V_OK)
    return away("TLS handshake with", error);
  return failure(errc::refused,
                 "the certificate of " + server_.host + ':' + server_.port
                     + " is not trusted: "
                     + X509_verify_cert_error_string(verdict)
                     + " (if the server is yours or behind a company's proxy, "
                       "name its authority's PEM file in "
                     + options_.ca_file_setting + ')');
}

bool http_connection::is_stale() {
  auto& stream = secure_ ? beast::get_lowest_layer(*secure_) : *plain_;
  error_code error;
  auto& socket = stream.socket();
  socket.non_blocking(true, error);
  char byte = 0;
  socket.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek,
                 error);
  // TLS sends tickets of its own after the handshake: bytes are no hang-up.
  return secure_ ? error && error != asio::error::would_block
                 : error != asio::error::would_block;
}

template <class Stream>
http_connection::outcome
http_connection::exchange_over(Stream& stream, const request& x,
                               clock::time_point deadline) {
  outcome result;
  auto next = [&] {
    expire_at(std::min(deadline, clock::now() + options_.read_timeout));
  };
  next();
  auto error = run(context_, [&](auto done) {
    http::async_write(stream, x, std::move(done));
  });
  if (error) {
    result.stale = error != beast::error::timeout;
    result.error = away("asking", error);
    return result;
  }
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(options_.body_limit);
  size_t received = 0;
  while (!error && !parser.is_done()) {
    next();
    error = run(context_, [&](auto done) {
      http::async_read_some(
          stream, buffer, parser,
          [&received, done](error_code code, size_t bytes) mutable {
            received += bytes;
            done(code);
          });
    });
  }
  last_used_ = clock::now();
  // A server may end the body by hanging up, and many forget TLS's goodbye.
  auto hung_up = error == http::error::end_of_stream
                 || error == asio::error::eof
                 || error == asio::ssl::error::stream_truncated;
  if (hung_up && !parser.is_done() && parser.is_header_done()
      && !parser.content_length() && !parser.chunked()) {
    error = {};
    parser.put_eof(error);
  }
  if (error) {
    result.stale = received == 0 && buffer.size() == 0
                   && error != beast::error::timeout
                   && error != http::error::body_limit;
    if (error == http::error::body_limit)
      result.error =
          failure(errc::unavailable,
                  "the answer of " + server_.host + " is longer than "
                      + std::to_string(options_.body_limit)
                      + " bytes: it was not read to its end");
    else
      result.error = away("reading the answer of", error);
    return result;
  }
  auto message = parser.release();
  result.reusable = message.keep_alive() && !hung_up;
  result.answer.status = message.result_int();
  for (auto& field : message.base())
    result.answer.headers.emplace_back(std::string{field.name_string()},
                                       std::string{field.value()});
  result.answer.body = std::move(message.body());
  return result;
}

http_connection::outcome http_connection::exchange(const request& x,
                                                   clock::time_point deadline) {
  return secure_ ? exchange_over(*secure_, x, deadline)
                 : exchange_over(*plain_, x, deadline);
}

} // namespace tickerflow
