#pragma once

// Private to io/web_server: Boost's types end here.

#include "io/web_server/web_session.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>

#include <deque>
#include <map>
#include <optional>

namespace tickerflow {

/// A WebSocket: at most one text is on its way, and of those that wait only
/// the newest of each key is kept.
template <class Stream>
class socket_session
    : public web_socket,
      public std::enable_shared_from_this<socket_session<Stream>> {
  using error_code = boost::beast::error_code;
  using text_ptr = std::shared_ptr<const std::string>;

public:
  socket_session(Stream stream, tls_files::context_ptr tls,
                 web_socket_opening opening, web_shared& shared)
      : shared_(shared), tls_(std::move(tls)), opening_(std::move(opening)),
        stream_(std::move(stream)), patience_(stream_.get_executor()) {
    ++shared_.open;
    ++shared_.sockets;
  }

  ~socket_session() override {
    --shared_.open;
    --shared_.sockets;
  }

  void start(const boost::beast::http::request<boost::beast::http::string_body>&
                 request) {
    namespace websocket = boost::beast::websocket;
    error_code ignored;
    // What the kernel holds for a slow client is stale when it comes.
    lowest().socket().set_option(
        boost::asio::socket_base::send_buffer_size(128 * 1024), ignored);
    lowest().expires_never();
    auto limits = websocket::stream_base::timeout{
        shared_.options.handshake_limit, shared_.options.socket_idle_limit,
        true};
    stream_.set_option(limits);
    stream_.read_message_max(shared_.options.socket_message_bytes);
    if (!opening_.subprotocol.empty())
      stream_.set_option(websocket::stream_base::decorator(
          [name = opening_.subprotocol](websocket::response_type& x) {
            x.set(boost::beast::http::field::sec_websocket_protocol, name);
          }));
    stream_.async_accept(request,
                         [self = this->shared_from_this()](error_code e) {
                           if (e)
                             return;
                           self->stream_.text(true);
                           self->open_ = true;
                           self->opening_.user->opened(self);
                           self->read();
                         });
  }

  void send(const std::string& key, text_ptr text) override {
    boost::asio::post(stream_.get_executor(),
                      [self = this->shared_from_this(), key,
                       text = std::move(text)]() mutable {
                        self->queue(key, std::move(text));
                      });
  }

  void close(const std::string& reason) override {
    boost::asio::post(stream_.get_executor(), [self = this->shared_from_this(),
                                               reason] { self->part(reason); });
  }

private:
  boost::beast::tcp_stream& lowest() {
    return boost::beast::get_lowest_layer(stream_);
  }

  void read() {
    stream_.async_read(buffer_, [self = this->shared_from_this()](error_code e,
                                                                  std::size_t) {
      if (e)
        return self->end(e == boost::beast::error::timeout ? "silent" : "left");
      auto text = boost::beast::buffers_to_string(self->buffer_.data());
      self->buffer_.consume(self->buffer_.size());
      self->opening_.user->received(text);
      self->read();
    });
  }

  void queue(const std::string& key, text_ptr text) {
    if (!open_)
      return;
    auto& place = waiting_[key];
    if (!place)
      order_.push_back(key);
    place = std::move(text);
    write();
  }

  void write() {
    if (writing_ || order_.empty() || !open_)
      return;
    auto next = waiting_.find(order_.front());
    order_.pop_front();
    writing_ = std::move(next->second);
    waiting_.erase(next);
    patience_.expires_after(shared_.options.socket_write_limit);
    patience_.async_wait([self = this->shared_from_this()](error_code e) {
      // It may have ended just now, and its text with it.
      auto now = std::chrono::steady_clock::now();
      if (!e && self->writing_ && self->patience_.expiry() <= now)
        self->end("slow");
    });
    stream_.async_write(
        boost::asio::buffer(*writing_),
        [self = this->shared_from_this()](error_code e, std::size_t) {
          self->patience_.cancel();
          self->writing_ = nullptr;
          if (e)
            return self->end("left");
          self->write();
        });
  }

  void part(const std::string& reason) {
    if (!open_)
      return;
    open_ = false;
    opening_.user->closed(reason);
    order_.clear();
    waiting_.clear();
    // The client may not answer the close either.
    patience_.expires_after(std::chrono::seconds{2});
    patience_.async_wait([self = this->shared_from_this()](error_code) {
      self->lowest().close();
    });
    stream_.async_close({boost::beast::websocket::close_code::policy_error,
                         reason.substr(0, 100)},
                        [self = this->shared_from_this()](error_code) {
                          self->patience_.cancel();
                        });
  }

  void end(const std::string& reason) {
    if (!open_)
      return;
    open_ = false;
    opening_.user->closed(reason);
    patience_.cancel();
    lowest().close();
  }

  web_shared& shared_;
  tls_files::context_ptr tls_; // outlives the stream
  web_socket_opening opening_;
  boost::beast::websocket::stream<Stream> stream_;
  boost::asio::steady_timer patience_;
  boost::beast::flat_buffer buffer_;
  std::deque<std::string> order_;
  std::map<std::string, text_ptr> waiting_;
  text_ptr writing_;
  bool open_ = false;
};

template <class Stream>
void start_socket_session(
    Stream stream, tls_files::context_ptr tls,
    boost::beast::http::request<boost::beast::http::string_body> request,
    web_socket_opening opening, web_shared& shared) {
  std::make_shared<socket_session<Stream>>(std::move(stream), std::move(tls),
                                           std::move(opening), shared)
      ->start(request);
}

} // namespace tickerflow
