#include "io/http_client/http_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <algorithm>
#include <cctype>
#include <optional>

namespace tickerflow {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;
using plain_stream = beast::tcp_stream;
using tls_stream = beast::ssl_stream<beast::tcp_stream>;

struct parsed_url {
  bool tls = true;
  std::string host;
  std::string port;
};

std::optional<parsed_url> parse_url(const std::string& url) {
  parsed_url result;
  std::string rest;
  if (url.rfind("https://", 0) == 0) {
    rest = url.substr(8);
  } else if (url.rfind("http://", 0) == 0) {
    rest = url.substr(7);
    result.tls = false;
  } else {
    return std::nullopt;
  }
  rest = rest.substr(0, rest.find('/'));
  auto colon = rest.rfind(':');
  if (colon != std::string::npos
      && rest.find(']', colon) == std::string::npos) {
    result.host = rest.substr(0, colon);
    result.port = rest.substr(colon + 1);
  } else {
    result.host = rest;
    result.port = result.tls ? "443" : "80";
  }
  if (result.host.size() > 2 && result.host.front() == '[')
    result.host = result.host.substr(1, result.host.size() - 2);
  if (result.host.empty() || result.port.empty())
    return std::nullopt;
  return result;
}

} // namespace

struct http_client::implementation {
  http_client_options options;
  std::optional<parsed_url> url;
  asio::io_context io;
  asio::ssl::context tls{asio::ssl::context::tls_client};
  std::string tls_fault; // of the CA file
  std::unique_ptr<plain_stream> plain;
  std::unique_ptr<tls_stream> secure;
  bool reused = false;

  explicit implementation(http_client_options x) : options(std::move(x)) {
    url = parse_url(options.url);
    error_code code;
    tls.set_default_verify_paths(code);
    tls.set_verify_mode(asio::ssl::verify_peer, code);
    if (!options.ca_file.empty()) {
      tls.load_verify_file(options.ca_file, code);
      if (code)
        tls_fault = code.message();
    }
  }

  plain_stream& socket() {
    return secure ? beast::get_lowest_layer(*secure) : *plain;
  }

  bool connected() const { return plain || secure; }

  void disconnect() {
    plain.reset();
    secure.reset();
    reused = false;
  }

  /// Runs one asynchronous operation to its end or its timeout: Beast's
  /// timeouts work for these only.
  template <class Start>
  error_code run(Start start) {
    error_code result = asio::error::would_block;
    start([&result](error_code code, auto&&...) { result = code; });
    io.restart();
    io.run();
    return result;
  }

  caf::error describe(const char* what, error_code code) const {
    auto where = options.url + ": ";
    if (code == beast::error::timeout)
      return failure(errc::unavailable,
                     where + what + " took longer than "
                         + std::to_string(options.timeout.count())
                         + " ms (TICKERFLOW_API_TIMEOUT)");
    if (code.category() == asio::error::get_ssl_category()
        || code.category() == asio::ssl::error::get_stream_category()) {
      auto verify =
          secure ? SSL_get_verify_result(secure->native_handle()) : X509_V_OK;
      if (verify != X509_V_OK)
        return failure(
            errc::refused,
            where + "the server's certificate is not trusted: "
                + X509_verify_cert_error_string(verify)
                + " (for a private authority set TICKERFLOW_API_CA_FILE to its "
                  "PEM file)");
    }
    return failure(errc::unavailable, where + what + ": " + code.message());
  }

  caf::error connect() {
    if (!url)
      return failure(errc::bad_setting, "TICKERFLOW_API_URL " + options.url
                                            + " is not http(s)://host[:port]");
    if (!tls_fault.empty())
      return failure(errc::bad_setting, "TICKERFLOW_API_CA_FILE "
                                            + options.ca_file
                                            + " cannot be read: " + tls_fault);
    disconnect();
    error_code code;
    tcp::resolver resolver{io};
    auto found = resolver.resolve(url->host, url->port, code);
    if (code)
      return failure(errc::unavailable,
                     options.url + ": the host name cannot be resolved: "
                         + code.message() + " (check DNS and the network)");
    if (url->tls) {
      secure = std::make_unique<tls_stream>(io, tls);
      SSL_set_tlsext_host_name(secure->native_handle(), url->host.c_str());
      secure->set_verify_callback(asio::ssl::host_name_verification{url->host});
    } else {
      plain = std::make_unique<plain_stream>(io);
    }
    socket().expires_after(options.timeout);
    code =
        run([&](auto done) { socket().async_connect(found, std::move(done)); });
    if (code) {
      auto result = describe("connecting", code);
      disconnect();
      return result;
    }
    if (!secure)
      return caf::none;
    code = run([&](auto done) {
      secure->async_handshake(asio::ssl::stream_base::client, std::move(done));
    });
    if (!code)
      return caf::none;
    auto result = describe("the TLS handshake", code);
    disconnect();
    return result;
  }

  error_code exchange(http::request<http::empty_body>& request,
                      http::response_parser<http::string_body>& parser) {
    socket().expires_after(options.timeout);
    beast::flat_buffer buffer;
    auto transfer = [&](auto& stream) {
      auto code = run([&](auto done) {
        http::async_write(stream, request, std::move(done));
      });
      if (code)
        return code;
      return run([&](auto done) {
        http::async_read(stream, buffer, parser, std::move(done));
      });
    };
    return secure ? transfer(*secure) : transfer(*plain);
  }
};

http_client::http_client(http_client_options options)
    : implementation_(std::make_unique<implementation>(std::move(options))) {
  // nop
}

http_client::~http_client() = default;

caf::expected<http_answer>
http_client::get(const std::string& target,
                 const std::map<std::string, std::string>& headers) {
  auto& x = *implementation_;
  for (auto attempt = 0;; ++attempt) {
    if (!x.connected())
      if (auto error = x.connect())
        return error;
    http::request<http::empty_body> request{http::verb::get, target, 11};
    request.set(http::field::host, x.url->host);
    request.set(http::field::user_agent, "tickerflow");
    request.set(http::field::accept, "*/*");
    for (auto& [name, value] : headers)
      request.set(name, value);
    http::response_parser<http::string_body> parser;
    parser.body_limit(x.options.largest_body);
    auto reused = x.reused;
    auto code = x.exchange(request, parser);
    if (code) {
      auto error = x.describe("the answer", code);
      // A kept connection may have been closed by the server in the meantime:
      // that is worth one new try, unless the answer had begun.
      auto stale = reused && attempt == 0 && !parser.got_some()
                   && code != beast::error::timeout;
      x.disconnect();
      if (stale)
        continue;
      return error;
    }
    auto& response = parser.get();
    x.reused = true;
    http_answer result;
    result.status = static_cast<int>(response.result_int());
    for (auto& field : response) {
      auto name = std::string{field.name_string()};
      std::transform(
          name.begin(), name.end(), name.begin(),
          [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      result.headers[name] = std::string{field.value()};
    }
    result.body = std::move(response.body());
    if (!response.keep_alive())
      x.disconnect();
    return result;
  }
}

} // namespace tickerflow
