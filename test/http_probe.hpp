#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <map>
#include <string>

/// A plain blocking HTTP client for tests of servers.
namespace tickerflow::probe {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

struct answer {
  unsigned status = 0;
  http::fields headers;
  std::string body;
  beast::error_code error; // of reading: set if the answer was cut

  std::string header(const char* name) const {
    auto value = headers[name];
    return {value.data(), value.size()};
  }
};

using header_list = std::map<std::string, std::string>;

/// One connection, kept alive between calls.
class client {
public:
  explicit client(std::uint16_t port) : stream_(context_) {
    stream_.connect({asio::ip::address_v4::loopback(), port});
  }

  answer send(http::verb verb, const std::string& target,
              const std::string& body = "", const header_list& headers = {}) {
    return exchange(stream_, verb, target, body, headers);
  }

  template <class Stream>
  static answer exchange(Stream& stream, http::verb verb,
                         const std::string& target, const std::string& body,
                         const header_list& headers) {
    http::request<http::string_body> request{verb, target, 11};
    request.set(http::field::host, "localhost");
    for (auto& [name, value] : headers)
      request.set(name, value);
    request.body() = body;
    request.prepare_payload();
    answer result;
    http::write(stream, request, result.error);
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(64 * 1024 * 1024);
    http::read(stream, buffer, parser, result.error);
    result.status = parser.get().result_int();
    result.headers = parser.get().base();
    result.body = parser.get().body();
    return result;
  }

private:
  asio::io_context context_;
  beast::tcp_stream stream_;
};

inline answer get(std::uint16_t port, const std::string& target,
                  const header_list& headers = {}) {
  return client{port}.send(http::verb::get, target, "", headers);
}

inline answer post(std::uint16_t port, const std::string& target,
                   const std::string& body) {
  return client{port}.send(http::verb::post, target, body);
}

/// Over TLS, trusting one authority and checking the name.
/// @throws boost::system::system_error if the server cannot be trusted
inline answer get_tls(std::uint16_t port, const std::string& ca_file,
                      const std::string& name, const std::string& target) {
  asio::io_context context;
  asio::ssl::context tls{asio::ssl::context::tls_client};
  tls.set_verify_mode(asio::ssl::verify_peer);
  if (!ca_file.empty())
    tls.load_verify_file(ca_file);
  beast::ssl_stream<beast::tcp_stream> stream{context, tls};
  auto parameters = SSL_get0_param(stream.native_handle());
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str()) != 1)
    X509_VERIFY_PARAM_set1_host(parameters, name.c_str(), name.size());
  beast::get_lowest_layer(stream).connect(
      {asio::ip::address_v4::loopback(), port});
  stream.handshake(asio::ssl::stream_base::client);
  return client::exchange(stream, http::verb::get, target, "", {});
}

} // namespace tickerflow::probe
