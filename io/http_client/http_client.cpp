#include "io/http_client/http_client.hpp"

#include "io/http_client/connection.hpp"

#include <algorithm>

namespace tickerflow {

namespace http = boost::beast::http;

namespace {

// Servers hang up idle connections; one that is older is not worth the risk
// that a call is sent twice.
constexpr std::chrono::seconds longest_idle{20};

} // namespace

struct http_client::implementation {
  using clock = http_connection::clock;

  explicit implementation(http_client_options x)
      : options(std::move(x)), server(parse_server_url(options.url)) {
    // nop
  }

  caf::error prepare_tls();
  caf::error connect(clock::time_point deadline);
  http_connection::request make_request(http::verb verb,
                                        const std::string& target,
                                        const http_headers& headers) const;
  caf::expected<http_answer> guarded(http::verb verb,
                                     const std::string& target,
                                     const http_headers& headers);
  caf::expected<http_answer> ask(http::verb verb, const std::string& target,
                                 const http_headers& headers);

  http_client_options options;
  std::optional<server_url> server;
  std::unique_ptr<boost::asio::ssl::context> tls;
  std::unique_ptr<http_connection> connection;
};

caf::error http_client::implementation::prepare_tls() {
  if (!server->tls || tls)
    return caf::none;
  namespace ssl = boost::asio::ssl;
  auto made = std::make_unique<ssl::context>(ssl::context::tls_client);
  boost::system::error_code error;
  made->set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1, error);
  made->set_verify_mode(ssl::verify_peer, error);
  made->set_default_verify_paths(error);
  if (!options.ca_file.empty()) {
    made->load_verify_file(options.ca_file, error);
    if (error)
      return failure(errc::bad_setting,
                     "cannot use " + options.ca_file_setting + ' '
                         + options.ca_file + ": " + error.message()
                         + " (it has to be a readable PEM file)");
  }
  tls = std::move(made);
  return caf::none;
}

caf::error http_client::implementation::connect(clock::time_point deadline) {
  connection = std::make_unique<http_connection>(*server, options);
  auto error = connection->open(
      tls.get(), std::min(deadline, clock::now() + options.connect_timeout));
  if (error)
    connection.reset();
  return error;
}

http_connection::request
http_client::implementation::make_request(http::verb verb,
                                          const std::string& target,
                                          const http_headers& headers) const {
  http_connection::request result{verb, server->path + target, 11};
  result.set(http::field::host, server->authority());
  result.set(http::field::user_agent, "tickerflow/" TICKERFLOW_VERSION);
  // The service answers 406 to what does not accept everything.
  result.set(http::field::accept, "*/*");
  for (auto& [name, value] : headers)
    result.set(name, value);
  if (verb == http::verb::post)
    result.set(http::field::content_length, "0");
  return result;
}

caf::expected<http_answer>
http_client::implementation::ask(http::verb verb, const std::string& target,
                                 const http_headers& headers) {
  if (!server)
    return failure(errc::bad_setting,
                   "the URL has to be http(s)://host[:port] without a user "
                   "name: check "
                       + options.url_setting);
  if (auto error = prepare_tls())
    return error;
  auto deadline = clock::now() + options.total_timeout;
  if (connection
      && (verb != http::verb::get
          || clock::now() - connection->last_used() > longest_idle
          || connection->is_stale()))
    connection.reset();
  auto is_reused = connection != nullptr;
  if (!connection)
    if (auto error = connect(deadline))
      return error;
  auto request = make_request(verb, target, headers);
  auto result = connection->exchange(request, deadline);
  // The server hung up while the request was under way: once more, anew.
  if (result.error && result.stale && is_reused) {
    if (auto error = connect(deadline))
      return error;
    result = connection->exchange(request, deadline);
  }
  if (!result.reusable)
    connection.reset();
  if (result.error)
    return std::move(result.error);
  return std::move(result.answer);
}

caf::expected<http_answer>
http_client::implementation::guarded(http::verb verb, const std::string& target,
                                     const http_headers& headers) {
  // Asio throws where it cannot get a socket or a thread.
  try {
    return ask(verb, target, headers);
  } catch (const std::exception& x) {
    connection.reset();
    return failure(errc::unavailable,
                   std::string{"cannot use the network: "} + x.what());
  }
}

http_client::http_client(http_client_options options)
    : implementation_(std::make_unique<implementation>(std::move(options))) {
  // nop
}

http_client::~http_client() = default;

caf::expected<http_answer> http_client::get(const std::string& target,
                                            const http_headers& headers) {
  return implementation_->guarded(http::verb::get, target, headers);
}

caf::expected<http_answer> http_client::post(const std::string& target,
                                             const http_headers& headers) {
  return implementation_->guarded(http::verb::post, target, headers);
}

} // namespace tickerflow
