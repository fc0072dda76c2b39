#pragma once

// Private to io/http_client: Asio's types end here.

#include "io/http_client/http_client.hpp"
#include "io/http_client/url.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace tickerflow {

/// One TCP or TLS connection with a deadline for each step.
class http_connection {
public:
  using clock = std::chrono::steady_clock;
  using request = boost::beast::http::request<boost::beast::http::empty_body>;

  http_connection(const server_url& server, const http_client_options& options);
  ~http_connection();

  /// Resolves, connects, shakes hands.
  caf::error open(boost::asio::ssl::context* tls, clock::time_point deadline);

  /// What one exchange came to.
  struct outcome {
    http_answer answer;
    caf::error error;
    bool stale = false; // the server had hung up before: nothing was answered
    bool reusable = false;
  };
  outcome exchange(const request& x, clock::time_point deadline);

  /// @returns whether the server has hung up, or sent what nobody asked for
  bool is_stale();

  clock::time_point last_used() const { return last_used_; }

private:
  using error_code = boost::system::error_code;
  using tcp_stream = boost::beast::tcp_stream;
  using tls_stream = boost::beast::ssl_stream<tcp_stream>;

  caf::error resolve(clock::time_point deadline);
  caf::error shake_hands(boost::asio::ssl::context& tls,
                         clock::time_point deadline);
  void expire_at(clock::time_point t);
  template <class Stream>
  outcome exchange_over(Stream& stream, const request& x,
                        clock::time_point deadline);
  caf::error away(const std::string& what, error_code reason) const;

  const server_url& server_;
  const http_client_options& options_;
  boost::asio::io_context context_;
  boost::asio::ip::tcp::resolver::results_type addresses_;
  std::unique_ptr<tcp_stream> plain_;
  std::unique_ptr<tls_stream> secure_;
  clock::time_point last_used_{};
};

} // namespace tickerflow
