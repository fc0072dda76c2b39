#include "nodes/console/problem.hpp"

namespace tickerflow::console {

namespace {

const char* title_of(unsigned status) {
  switch (status) {
    case 400: return "Bad request";
    case 401: return "Not logged in";
    case 403: return "Forbidden";
    case 404: return "Not found";
    case 405: return "Method not allowed";
    case 409: return "Conflict";
    case 413: return "Body too large";
    case 415: return "Wrong media type";
    case 421: return "Wrong host";
    case 426: return "Upgrade required";
    case 429: return "Too many requests";
    case 431: return "Headers too large";
    case 503: return "Not available";
    default: return "Failed";
  }
}

} // namespace

const web_headers api_headers{
    {"Cache-Control", "no-store"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Content-Security-Policy",
     "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

problem bad_request(std::string detail) {
  return {400, "bad_request", std::move(detail)};
}

problem not_found(std::string detail) {
  return {404, "not_found", std::move(detail)};
}

problem forbidden(std::string detail) {
  return {403, "forbidden", std::move(detail)};
}

problem not_logged_in(std::string detail) {
  return {401, "not_logged_in", std::move(detail)};
}

problem too_many(std::string detail) {
  return {429, "too_many", std::move(detail)};
}

problem no_answer(std::string detail) {
  return {503, "no_answer", std::move(detail)};
}

problem unavailable(std::string detail) {
  return {503, "unavailable", std::move(detail)};
}

problem problem_of(const caf::error& x) {
  auto text = tickerflow::text_of(x);
  if (x == errc::bad_request || x == errc::malformed_record)
    return bad_request(text);
  if (x == caf::sec::request_timeout)
    return no_answer("it did not answer in time: it is busy or hangs");
  if (x == caf::sec::request_receiver_down)
    return no_answer("it has just ended: try again");
  return unavailable(text);
}

json to_json(const problem& x) {
  json result{{"type", x.type},
              {"title", title_of(x.status)},
              {"status", x.status},
              {"detail", x.detail}};
  if (!x.leader.empty())
    result["leader"] = x.leader;
  return result;
}

web_reply reply_of(const problem& x) {
  web_reply result;
  result.status = x.status;
  result.content_type = "application/problem+json";
  result.body = dumped(to_json(x));
  result.headers = api_headers;
  if (x.status == 429)
    result.headers.emplace_back("Retry-After", "2");
  if (x.status == 401)
    result.headers.emplace_back("WWW-Authenticate", "Bearer");
  return result;
}

std::string dumped(const json& x) {
  return x.dump(-1, ' ', false, json::error_handler_t::replace);
}

web_reply reply_of(const json& x, unsigned status) {
  return {status, "application/json", dumped(x), api_headers};
}

} // namespace tickerflow::console
