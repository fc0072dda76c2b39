#include "io/web_server/web_session.hpp"

#include "io/web_server/socket_session.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>

#include <algorithm>
#include <cctype>
#include <optional>

namespace tickerflow {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using error_code = beast::error_code;
using plain_stream = beast::tcp_stream;
using tls_stream = beast::ssl_stream<beast::tcp_stream>;

/// Whom the rate limit counts: of IPv6 the network, for a host has many.
std::string address_key(const std::string& address) {
  error_code e;
  auto x = asio::ip::make_address(address, e);
  if (e || !x.is_v6() || x.to_v6().is_v4_mapped())
    return address;
  auto bytes = x.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return asio::ip::address_v6{bytes}.to_string();
}

web_request to_request(http::request<http::string_body>&& x) {
  web_request result;
  result.method = std::string{x.method_string()};
  std::string target{x.target()};
  auto question = std::min(target.size(), target.find('?'));
  result.path = target.substr(0, question);
  if (question < target.size())
    result.query = target.substr(question + 1);
  for (auto& field : x) {
    std::string name{field.name_string()};
    for (auto& c : name)
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    result.headers.emplace_back(std::move(name), std::string{field.value()});
  }
  result.body = std::move(x.body());
  return result;
}

std::int64_t unix_now_s() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

template <class Stream>
class web_session : public std::enable_shared_from_this<web_session<Stream>> {
  static constexpr bool is_tls = std::is_same_v<Stream, tls_stream>;

public:
  template <class... Ts>
  web_session(web_shared& shared, tls_files::context_ptr tls, Ts&&... xs)
      : shared_(shared), tls_(std::move(tls)),
        stream_(std::in_place, std::forward<Ts>(xs)...),
        buffer_(shared.options.header_bytes + shared.options.body_bytes) {
    ++shared_.open;
  }

  ~web_session() { --shared_.open; }

  void start() {
    error_code ignored;
    auto place = lowest().socket().remote_endpoint(ignored);
    remote_ = place.address().to_string();
    lowest().socket().set_option(tcp::no_delay(true), ignored);
    if constexpr (is_tls) {
      lowest().expires_after(shared_.options.handshake_limit);
      stream_->async_handshake(asio::ssl::stream_base::server,
                               [self = this->shared_from_this()](error_code e) {
                                 if (!e)
                                   self->wait();
                               });
    } else {
      wait();
    }
  }

private:
  /// Waits for the first byte as long as an idle client may take, then for
  /// the rest as long as a slow one may.
  void wait() {
    if (buffer_.size() > 0)
      return read();
    lowest().expires_after(shared_.options.idle_limit);
    stream_->async_read_some(
        buffer_.prepare(std::min<std::size_t>(4096, buffer_.max_size())),
        [self = this->shared_from_this()](error_code e, std::size_t size) {
          if (e)
            return;
          self->buffer_.commit(size);
          self->read();
        });
  }

  void read() {
    parser_.emplace();
    parser_->header_limit(shared_.options.header_bytes);
    parser_->body_limit(shared_.options.body_bytes);
    lowest().expires_after(shared_.options.request_limit);
    http::async_read(*stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](
                         error_code e, std::size_t) { self->take(e); });
  }

  void take(error_code e) {
    if (e == http::error::body_limit)
      return refuse(413, "the body is too large");
    if (e == http::error::header_limit || e == http::error::buffer_overflow)
      return refuse(431, "the request's headers are too large");
    if (e == http::error::end_of_stream || e == http::error::partial_message)
      return close();
    if (e
        && e.category() == make_error_code(http::error::bad_target).category())
      return refuse(400, "this is not HTTP/1.1");
    if (e)
      return; // too slow, or gone
    keep_alive_ = parser_->get().keep_alive();
    head_ = parser_->get().method() == http::verb::head;
    version_ = parser_->get().version();
    if (!shared_.requests.admit(address_key(remote_),
                                std::chrono::steady_clock::now()))
      return answer(shared_.handlers.refuse(
          429, "too many requests a second from " + remote_));
    if (shared_.waiting >= shared_.options.most_waiting)
      return answer(shared_.handlers.refuse(
          503, "too many requests wait for their answers"));
    ++shared_.waiting;
    lowest().expires_never(); // the handler's time is not the client's
    if (beast::websocket::is_upgrade(parser_->get()))
      return open_socket();
    auto request = to_request(parser_->release());
    request.remote = remote_;
    request.tls = is_tls;
    asio::post(shared_.pool, [self = this->shared_from_this(),
                              request = std::move(request)]() mutable {
      auto reply = self->run(self->shared_.handlers.answer, request);
      auto executor = self->stream_->get_executor();
      // Moved: the session has to end in its own thread.
      asio::post(executor,
                 [self = std::move(self), reply = std::move(reply)]() mutable {
                   --self->shared_.waiting;
                   self->answer(std::move(reply));
                 });
    });
  }

  template <class F>
  auto run(const F& handler, const web_request& request) const
      -> decltype(handler(request)) {
    try {
      return handler(request);
    } catch (const std::exception& x) {
      return shared_.handlers.refuse(500, x.what());
    }
  }

  void open_socket() {
    upgrade_ = parser_->release();
    auto request = to_request(http::request<http::string_body>{*upgrade_});
    request.remote = remote_;
    request.tls = is_tls;
    asio::post(shared_.pool, [self = this->shared_from_this(),
                              request = std::move(request)]() mutable {
      auto reply = self->run(self->shared_.handlers.open_socket, request);
      auto executor = self->stream_->get_executor();
      asio::post(executor,
                 [self = std::move(self), reply = std::move(reply)]() mutable {
                   --self->shared_.waiting;
                   self->open_socket(std::move(reply));
                 });
    });
  }

  void open_socket(std::variant<web_reply, web_socket_opening> reply) {
    if (auto refusal = std::get_if<web_reply>(&reply))
      return answer(std::move(*refusal));
    if (shared_.sockets >= shared_.options.most_sockets)
      return answer(shared_.handlers.refuse(
          503, "too many WebSockets are open: close one"));
    // The connection is the socket's from here on; this session ends.
    start_socket_session(std::move(*stream_), tls_, std::move(*upgrade_),
                         std::move(std::get<web_socket_opening>(reply)),
                         shared_);
  }

  void refuse(unsigned status, const std::string& detail) {
    keep_alive_ = false;
    answer(shared_.handlers.refuse(status, detail));
  }

  void answer(web_reply reply) {
    response_ = {http::int_to_status(reply.status), version_};
    response_.result(reply.status);
    response_.set(http::field::date, http_date(unix_now_s()));
    if (!reply.content_type.empty())
      response_.set(http::field::content_type, reply.content_type);
    for (auto& [name, value] : reply.headers)
      response_.insert(name, value);
    response_.keep_alive(keep_alive_);
    if (reply.status != 204 && reply.status != 304)
      response_.content_length(reply.body.size());
    if (!head_)
      response_.body() = std::move(reply.body);
    serializer_.emplace(response_);
    serializer_->split(head_);
    lowest().expires_after(shared_.options.response_limit);
    auto done = [self = this->shared_from_this()](error_code e, std::size_t) {
      if (e)
        return;
      if (self->keep_alive_)
        self->wait();
      else
        self->close();
    };
    if (head_)
      http::async_write_header(*stream_, *serializer_, std::move(done));
    else
      http::async_write(*stream_, *serializer_, std::move(done));
  }

  void close() {
    if constexpr (is_tls) {
      lowest().expires_after(std::chrono::seconds{2});
      stream_->async_shutdown([self = this->shared_from_this()](error_code) {});
    } else {
      error_code ignored;
      lowest().socket().shutdown(tcp::socket::shutdown_send, ignored);
    }
  }

  beast::tcp_stream& lowest() { return beast::get_lowest_layer(*stream_); }

  web_shared& shared_;
  tls_files::context_ptr tls_; // outlives the stream
  std::optional<Stream> stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::request<http::string_body>> upgrade_;
  http::response<http::string_body> response_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
  std::string remote_;
  unsigned version_ = 11;
  bool keep_alive_ = false;
  bool head_ = false;
};

} // namespace

void start_web_session(tcp::socket socket, const tls_files::context_ptr& tls,
                       web_shared& shared) {
  if (tls)
    std::make_shared<web_session<tls_stream>>(shared, tls, std::move(socket),
                                              *tls)
        ->start();
  else
    std::make_shared<web_session<plain_stream>>(shared, tls, std::move(socket))
        ->start();
}

} // namespace tickerflow
