#include "io/monitor_server/monitor_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <thread>

namespace tickerflow {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using error_code = beast::error_code;

constexpr std::uint32_t header_limit = 8 * 1024;

/// What the sessions share; only its one thread touches `open`.
struct shared_part {
  monitor_server_options options;
  monitor_handler handler;
  std::size_t open = 0;
  asio::thread_pool pages{2}; // a probe that waits must not hold a scrape
};

class monitor_session : public std::enable_shared_from_this<monitor_session> {
public:
  monitor_session(tcp::socket socket, shared_part& shared)
      : shared_(shared), stream_(std::move(socket)) {
    ++shared_.open;
  }

  ~monitor_session() { --shared_.open; }

  /// Waits for the first byte as long as an idle client may take, then for
  /// the rest as long as a slow one may.
  void wait() {
    if (buffer_.size() > 0) {
      read();
      return;
    }
    stream_.expires_after(shared_.options.idle_limit);
    stream_.async_read_some(
        buffer_.prepare(1024),
        [self = shared_from_this()](error_code e, std::size_t size) {
          if (e)
            return;
          self->buffer_.commit(size);
          self->read();
        });
  }

private:
  void read() {
    parser_.emplace();
    parser_->header_limit(header_limit);
    parser_->body_limit(std::uint64_t{0});
    stream_.expires_after(shared_.options.request_limit);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](error_code e, std::size_t) {
                       self->take(e);
                     });
  }

  void take(error_code e) {
    if (e == http::error::body_limit)
      return refuse(http::status::payload_too_large, "no body is taken\n");
    if (e == http::error::header_limit || e == http::error::buffer_overflow)
      return refuse(http::status::request_header_fields_too_large,
                    "the request is too large\n");
    if (e == http::error::end_of_stream || e == http::error::partial_message)
      return close();
    if (e.category()
            == http::make_error_code(http::error::bad_target).category()
        && e)
      return refuse(http::status::bad_request, "this is not HTTP/1.1\n");
    if (e)
      return; // too slow, or gone
    auto& request = parser_->get();
    keep_alive_ = request.keep_alive();
    head_ = request.method() == http::verb::head;
    version_ = request.version();
    if (!head_ && request.method() != http::verb::get)
      return send(http::status::method_not_allowed, "only GET and HEAD\n");
    auto path = std::string{request.target()};
    path.resize(std::min(path.size(), path.find('?')));
    stream_.expires_never(); // the page's time is not the client's
    asio::post(shared_.pages, [self = shared_from_this(), path]() mutable {
      auto reply = self->page(path);
      auto executor = self->stream_.get_executor();
      // Moved: the session has to end in its own thread.
      asio::post(executor, [self = std::move(self), reply] {
        if (reply)
          self->send(http::int_to_status(reply->status), reply->body);
        else
          self->send(http::status::not_found,
                     "there are /metrics, /healthz and /readyz\n");
      });
    });
  }

  std::optional<monitor_reply> page(const std::string& path) const {
    try {
      return shared_.handler(path);
    } catch (const std::exception& x) {
      return monitor_reply{500, "failed: " + std::string{x.what()} + '\n'};
    }
  }

  void refuse(http::status status, const std::string& text) {
    keep_alive_ = false;
    send(status, text);
  }

  void send(http::status status, const std::string& body) {
    response_ = {status, version_};
    response_.set(http::field::content_type,
                  "text/plain; version=0.0.4; charset=utf-8");
    response_.set(http::field::cache_control, "no-store");
    if (status == http::status::method_not_allowed)
      response_.set(http::field::allow, "GET, HEAD");
    response_.keep_alive(keep_alive_);
    response_.content_length(body.size());
    if (!head_)
      response_.body() = body;
    serializer_.emplace(response_);
    serializer_->split(head_);
    stream_.expires_after(shared_.options.response_limit);
    auto done = [self = shared_from_this()](error_code e, std::size_t) {
      if (e)
        return;
      if (self->keep_alive_)
        self->wait();
      else
        self->close();
    };
    if (head_)
      http::async_write_header(stream_, *serializer_, done);
    else
      http::async_write(stream_, *serializer_, done);
  }

  void close() {
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  shared_part& shared_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_{2 * header_limit};
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
  unsigned version_ = 11;
  bool keep_alive_ = false;
  bool head_ = false;
};

} // namespace

struct monitor_server::implementation {
  // The sessions that the context's queue holds use the part before it.
  shared_part shared;
  asio::io_context context{1};
  tcp::acceptor acceptor{context};
  asio::steady_timer pause{context};
  std::thread thread;

  error_code listen() {
    error_code e;
    tcp::resolver resolver{context};
    auto places = resolver.resolve(shared.options.host,
                                   std::to_string(shared.options.port),
                                   tcp::resolver::passive, e);
    if (e)
      return e;
    auto place = places.begin()->endpoint();
    acceptor.open(place.protocol(), e);
    if (!e)
      acceptor.set_option(asio::socket_base::reuse_address(true), e);
    if (!e)
      acceptor.bind(place, e);
    if (!e)
      acceptor.listen(16, e);
    return e;
  }

  void accept() {
    acceptor.async_accept([this](error_code e, tcp::socket socket) {
      if (e == asio::error::operation_aborted)
        return;
      if (!e && shared.open < shared.options.most_connections)
        std::make_shared<monitor_session>(std::move(socket), shared)->wait();
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

caf::expected<std::unique_ptr<monitor_server>>
monitor_server::start(monitor_server_options options, monitor_handler handler) {
  auto x = std::make_unique<implementation>();
  x->shared.options = std::move(options);
  x->shared.handler = std::move(handler);
  if (auto e = x->listen())
    return failure(errc::bad_setting,
                   "cannot listen on " + x->shared.options.host + ':'
                       + std::to_string(x->shared.options.port) + ": "
                       + e.message()
                       + " (each process of a machine needs its own "
                         "TICKERFLOW_METRICS_LISTEN)");
  x->accept();
  x->thread = std::thread{[context = &x->context] { context->run(); }};
  return std::unique_ptr<monitor_server>{new monitor_server{std::move(x)}};
}

monitor_server::monitor_server(std::unique_ptr<implementation> x)
    : implementation_(std::move(x)) {}

monitor_server::~monitor_server() {
  auto& x = *implementation_;
  x.context.stop();
  x.thread.join();
  x.shared.pages.join();
}

std::uint16_t monitor_server::port() const {
  error_code ignored;
  return implementation_->acceptor.local_endpoint(ignored).port();
}

} // namespace tickerflow
