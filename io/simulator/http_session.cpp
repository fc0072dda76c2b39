#include "io/simulator/http_session.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <date/date.h>
#include <spdlog/spdlog.h>

#include <optional>
#include <sstream>

namespace tickerflow::sim {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

using plain_stream = beast::tcp_stream;
using tls_stream = beast::ssl_stream<beast::tcp_stream>;
using error_code = beast::error_code;

constexpr std::uint32_t header_limit = 16 * 1024;
constexpr std::uint64_t body_limit = 64 * 1024;
constexpr std::chrono::seconds idle_limit{60};

/// The bytes of a reply; without the body for HEAD.
std::string to_bytes(const http_reply& reply, bool keep_alive, bool head,
                     unsigned version) {
  http::response<http::string_body> out{http::int_to_status(reply.status),
                                        version};
  out.set(http::field::date, date::format("%a, %d %b %Y %T GMT", reply.date));
  out.set(http::field::server, "tickerflow-simulator");
  out.set(http::field::content_type, reply.content_type);
  for (auto& [name, value] : reply.headers)
    out.set(name, value);
  out.keep_alive(keep_alive && !reply.truncated);
  out.content_length(reply.body.size());
  std::ostringstream bytes;
  bytes << out.base();
  auto result = std::move(bytes).str();
  if (head)
    return result;
  return result
         + reply.body.substr(0, reply.truncated ? reply.body.size() / 2
                                                : reply.body.size());
}

template <class Stream>
class http_session : public std::enable_shared_from_this<http_session<Stream>> {
public:
  template <class... Ts>
  http_session(const http_handler& handler, session_board& board, Ts&&... xs)
      : handler_(handler), board_(board), stream_(std::forward<Ts>(xs)...),
        timer_(stream_.get_executor()) {}

  ~http_session() {
    if (number_ != 0)
      board_.leave(number_);
  }

  void run() {
    number_ = board_.enter([weak = this->weak_from_this()] {
      if (auto self = weak.lock())
        asio::post(self->stream_.get_executor(),
                   [self] { self->close_if_idle(); });
    });
    if (number_ == 0)
      return; // too many, or the server stops
    asio::dispatch(stream_.get_executor(),
                   [self = this->shared_from_this()] { self->begin(); });
  }

private:
  void begin() {
    if constexpr (std::is_same_v<Stream, tls_stream>) {
      if (board_.stopping())
        return;
      idle_ = true;
      lowest().expires_after(idle_limit);
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](error_code e) {
                                self->idle_ = false;
                                if (!e)
                                  self->read();
                              });
    } else {
      read();
    }
  }

  void read() {
    if (board_.stopping())
      return close();
    parser_.emplace();
    parser_->header_limit(header_limit);
    parser_->body_limit(body_limit);
    idle_ = true;
    lowest().expires_after(idle_limit);
    http::async_read(
        stream_, buffer_, *parser_,
        [self = this->shared_from_this()](error_code e, std::size_t) {
          self->idle_ = false;
          self->take(e);
        });
  }

  void take(error_code e) {
    if (e == http::error::body_limit)
      return refuse(413);
    if (e == http::error::header_limit || e == http::error::buffer_overflow)
      return refuse(431);
    if (e
        && e.category()
               == http::make_error_code(http::error::bad_method).category()
        && e != http::error::end_of_stream && e != http::error::partial_message)
      return refuse(400);
    if (e)
      return close();
    auto message = parser_->release();
    auto field = [&message](beast::string_view name) {
      auto value = message[name];
      return std::string{value.data(), value.size()};
    };
    http_request request;
    request.method = std::string{message.method_string()};
    request.target = std::string{message.target()};
    request.accept = field("Accept");
    request.rapidapi_key = field("x-rapidapi-key");
    request.body = std::move(message.body());
    keep_alive_ = message.keep_alive();
    head_ = message.method() == http::verb::head;
    version_ = message.version();
    http_reply reply;
    try {
      reply = handler_(request);
    } catch (const std::exception& x) {
      // The target holds the key: it is not in the log.
      spdlog::error("event=request_failed reason=\"{}\"", x.what());
      reply.status = 500;
      reply.body = "{\"error\": \"the simulator failed, see its log\"}\n";
    }
    send_later(std::move(reply));
  }

  void refuse(unsigned status) {
    http_reply reply;
    reply.status = status;
    reply.content_type = "text/plain";
    reply.body = "the request is malformed or too large\n";
    reply.date =
        date::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    keep_alive_ = false;
    send(reply);
  }

  void send_later(http_reply reply) {
    if (reply.wait.count() == 0)
      return send(reply);
    lowest().expires_never(); // the wait may be longer than an idle client's
    timer_.expires_after(reply.wait);
    timer_.async_wait(
        [self = this->shared_from_this(),
         reply = std::move(reply)](error_code) { self->send(reply); });
  }

  void send(const http_reply& reply) {
    keep_alive_ = keep_alive_ && !reply.truncated && !board_.stopping();
    out_ = to_bytes(reply, keep_alive_, head_, version_);
    lowest().expires_after(idle_limit);
    asio::async_write(stream_, asio::buffer(out_),
                      [self = this->shared_from_this(),
                       cut = reply.truncated](error_code e, std::size_t) {
                        if (e)
                          return;
                        if (self->keep_alive_)
                          self->read();
                        else
                          self->close(cut);
                      });
  }

  void close_if_idle() {
    if (idle_)
      lowest().close(); // completes the read with an error
    else
      timer_.cancel();
  }

  /// @param cut without the end mark of TLS, as a connection that breaks
  void close([[maybe_unused]] bool cut = false) {
    if constexpr (std::is_same_v<Stream, tls_stream>) {
      if (!cut) {
        lowest().expires_after(std::chrono::seconds(2));
        stream_.async_shutdown(
            [self = this->shared_from_this()](error_code) {});
        return;
      }
    }
    error_code ignored;
    lowest().socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  }

  beast::tcp_stream& lowest() { return beast::get_lowest_layer(stream_); }

  const http_handler& handler_;
  session_board& board_;
  Stream stream_;
  asio::steady_timer timer_;
  beast::flat_buffer buffer_{header_limit + body_limit};
  std::optional<http::request_parser<http::string_body>> parser_;
  std::string out_;
  std::uint64_t number_ = 0;
  bool idle_ = false;
  bool keep_alive_ = false;
  bool head_ = false;
  unsigned version_ = 11;
};

} // namespace

void start_session(asio::ip::tcp::socket socket, const http_handler& handler,
                   session_board& board) {
  std::make_shared<http_session<plain_stream>>(handler, board,
                                               std::move(socket))
      ->run();
}

void start_session(asio::ip::tcp::socket socket, ssl_context& context,
                   const http_handler& handler, session_board& board) {
  std::make_shared<http_session<tls_stream>>(handler, board, std::move(socket),
                                             context)
      ->run();
}

} // namespace tickerflow::sim
