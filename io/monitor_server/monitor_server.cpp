#include "io/monitor_server/monitor_server.hpp"

#include "io/web_server/web_server.hpp"

namespace tickerflow {

namespace {

web_reply text_reply(unsigned status, std::string text) {
  web_reply result;
  result.status = status;
  result.content_type = "text/plain; version=0.0.4; charset=utf-8";
  result.body = std::move(text);
  result.headers = {{"Cache-Control", "no-store"}};
  return result;
}

web_reply answer(const web_request& x, const monitor_handler& handler) {
  if (x.method != "GET" && x.method != "HEAD") {
    auto result = text_reply(405, "only GET and HEAD\n");
    result.headers.emplace_back("Allow", "GET, HEAD");
    return result;
  }
  try {
    if (auto page = handler(x.path))
      return text_reply(page->status, std::move(page->body));
  } catch (const std::exception& e) {
    return text_reply(500, "failed: " + std::string{e.what()} + '\n');
  }
  return text_reply(404, "there are /metrics, /healthz and /readyz\n");
}

web_reply refuse(unsigned status, const std::string& detail) {
  return text_reply(status,
                    (status == 413 ? "no body is taken" : detail) + '\n');
}

web_server_options options_of(const monitor_server_options& x) {
  web_server_options result;
  result.host = x.host;
  result.port = x.port;
  result.handler_threads = 2; // a probe that waits must not hold a scrape
  result.most_connections = x.most_connections;
  result.most_sockets = 0;
  result.header_bytes = 8 * 1024;
  result.body_bytes = 0;
  // Whoever reaches it may ask as often as it likes.
  result.requests_per_s = 1e9;
  result.request_burst = 1e9;
  result.request_limit = x.request_limit;
  result.idle_limit = x.idle_limit;
  result.response_limit = x.response_limit;
  return result;
}

} // namespace

caf::expected<std::unique_ptr<monitor_server>>
monitor_server::start(const monitor_server_options& options,
                      monitor_handler handler) {
  web_handlers handlers;
  handlers.answer = [handler](auto& x) { return answer(x, handler); };
  handlers.open_socket =
      [handler = std::move(handler)](
          auto& x) -> std::variant<web_reply, web_socket_opening> {
    return answer(x, handler); // there is none: as if it had not been asked for
  };
  handlers.refuse = refuse;
  auto server = web_server::start(options_of(options), std::move(handlers));
  if (!server)
    return failure(errc::bad_setting,
                   text_of(server.error())
                       + " (each process of a machine needs its own "
                         "TICKERFLOW_METRICS_LISTEN)");
  return std::unique_ptr<monitor_server>{
      new monitor_server{std::move(*server)}};
}

monitor_server::monitor_server(std::unique_ptr<web_server> x)
    : server_(std::move(x)) {}

monitor_server::~monitor_server() = default;

std::uint16_t monitor_server::port() const { return server_->port(); }

} // namespace tickerflow
