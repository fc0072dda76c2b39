#include "nodes/console/api.hpp"

#include "nodes/console/page.hpp"
#include "nodes/console/query.hpp"
#include "nodes/console/times.hpp"

#include "openapi_files.hpp"

namespace tickerflow::console {

namespace {

constexpr const char* session_path = "/api/v1/session";
constexpr const char* openapi_path = "/api/v1/openapi.yaml";
constexpr const char* live_path = "/api/v1/live";
constexpr const char* subprotocol = "tickerflow.v1";

web_reply method_refused(const std::string& allowed) {
  auto result = reply_of(
      problem{405, "bad_request", "only " + allowed + " can be done there"});
  result.headers.emplace_back("Allow", allowed);
  return result;
}

bool starts_with(const std::string& x, const std::string& part) {
  return x.compare(0, part.size(), part) == 0;
}

std::string cookie_header(const std::string& id, const web_request& x) {
  auto result =
      std::string{session_cookie} + '=' + id
      + "; Path=/; HttpOnly; SameSite=Strict; Max-Age="
      + (id.empty() ? "0"
                    : std::to_string(
                        std::chrono::seconds{session_board::lifetime}.count()));
  // A proxy that takes the TLS off says so.
  if (x.tls || x.header("x-forwarded-proto") == "https")
    result += "; Secure";
  return result;
}

/// @returns the token of {"token": "..."}
/// @throws problem
std::string token_in(const web_request& x) {
  auto type = x.header("content-type");
  if (type.substr(0, type.find(';')) != "application/json")
    throw problem{415, "bad_request",
                  "the body has to be application/json: {\"token\": \"...\"}"};
  auto body = json::parse(x.body, nullptr, false);
  if (!body.is_object() || body.size() != 1 || !body.contains("token")
      || !body["token"].is_string())
    throw bad_request("the body has to be {\"token\": \"...\"}");
  auto token = body["token"].get<std::string>();
  if (token.empty() || token.size() > 1024)
    throw bad_request("a token has 1 to 256 letters");
  return token;
}

} // namespace

api::api(api_options options, access_rules& doors, resources& things, live& hub,
         audit& log)
    : options_(std::move(options)), doors_(doors), things_(things), live_(hub),
      log_(log) {}

void api::check_leads() const {
  if (options_.leads())
    return;
  auto leader = options_.leader();
  throw problem{503, "not_leading",
                leader.empty()
                    ? "this master waits to lead, and none leads now"
                    : "this master waits to lead; the leader's console is at "
                          + leader,
                leader};
}

web_reply api::answer(const web_request& x) {
  try {
    // Probes come under whatever name, and tell no secret.
    if (auto reply = options_.probe(x.path))
      return x.method == "GET" || x.method == "HEAD" ? *reply
                                                     : method_refused("GET");
    if (auto refusal = doors_.check_host(x))
      throw *refusal;
    if (starts_with(x.path, "/api/"))
      return answer_api(x);
    if (x.method != "GET" && x.method != "HEAD")
      return method_refused("GET, HEAD");
    return page_reply(x);
  } catch (const problem& p) {
    return reply_of(p);
  }
}

web_reply api::answer_api(const web_request& x) {
  if (x.path == openapi_path) {
    if (x.method != "GET" && x.method != "HEAD")
      return method_refused("GET");
    return {200, "application/yaml; charset=utf-8",
            std::string{embedded::openapi_files().front().content},
            api_headers};
  }
  if (x.path == session_path)
    return session(x);
  if (x.path == live_path)
    throw problem{426, "bad_request",
                  "this is a WebSocket of the subprotocol tickerflow.v1"};
  auto who = doors_.identify(x, std::chrono::system_clock::now());
  if (auto refusal = std::get_if<problem>(&who))
    throw *refusal;
  auto& from = std::get<caller>(who);
  auto methods = things_.methods_of(x.path);
  if (methods.empty())
    throw not_found("there is no such path here: see "
                    + std::string{openapi_path});
  auto method = x.method == "HEAD" ? std::string{"GET"} : x.method;
  if ((method != "GET" && method != "POST")
      || methods.find(method) == methods.npos)
    return method_refused(methods);
  if (method == "POST")
    if (auto refusal = doors_.check_change(x, from)) {
      log_.note(to_string(from.who), from.address, x.path,
                "refused: " + refusal->detail);
      throw *refusal;
    }
  check_leads();
  return method == "GET" ? things_.get(x.path, x.query)
                         : things_.act(x.path, x.query, from);
}

json api::session_json(const caller& x) const {
  return {{"role", to_string(x.who)},
          {"csrf", x.csrf},
          {"version", options_.version},
          {"node", options_.node},
          {"expires_at",
           x.expires_at ? json(instant_text(*x.expires_at)) : json(nullptr)}};
}

web_reply api::log_in(const web_request& x) {
  if (auto refusal = doors_.check_origin(x))
    throw *refusal;
  auto token = token_in(x);
  auto who = doors_.try_token(token, x.remote);
  if (auto refusal = std::get_if<problem>(&who)) {
    log_.note("none", x.remote, "login", "refused: " + refusal->type);
    throw *refusal;
  }
  auto now = std::chrono::system_clock::now();
  caller from;
  from.who = std::get<role>(who);
  from.session_id = doors_.sessions().open(from.who, now);
  auto opened = doors_.sessions().find(from.session_id, now);
  if (!opened)
    throw unavailable("the session could not be opened: try again");
  from.csrf = opened->csrf;
  from.expires_at = opened->expires_at;
  log_.note(to_string(from.who), x.remote, "login", "ok");
  auto result = reply_of(session_json(from));
  result.headers.emplace_back("Set-Cookie", cookie_header(from.session_id, x));
  return result;
}

web_reply api::session(const web_request& x) {
  if (x.method == "POST")
    return log_in(x);
  if (x.method != "GET" && x.method != "HEAD" && x.method != "DELETE")
    return method_refused("GET, POST, DELETE");
  auto who = doors_.identify(x, std::chrono::system_clock::now());
  if (auto refusal = std::get_if<problem>(&who))
    throw *refusal;
  auto& from = std::get<caller>(who);
  if (x.method != "DELETE") {
    query{x.query, {}};
    return reply_of(session_json(from));
  }
  if (auto refusal = doors_.check_change(x, from))
    throw *refusal;
  if (!from.session_id.empty()) {
    doors_.sessions().close(from.session_id);
    log_.note(to_string(from.who), from.address, "logout", "ok");
  }
  web_reply result{204, "", "", api_headers};
  result.headers.emplace_back("Set-Cookie", cookie_header("", x));
  return result;
}

std::variant<web_reply, web_socket_opening>
api::open_socket(const web_request& x) {
  try {
    if (auto refusal = doors_.check_host(x))
      throw *refusal;
    if (x.path != live_path)
      throw not_found("the only WebSocket is " + std::string{live_path});
    auto who = doors_.identify(x, std::chrono::system_clock::now());
    if (auto refusal = std::get_if<problem>(&who))
      throw *refusal;
    auto& from = std::get<caller>(who);
    // A cookie alone proves no intent: the page has to be ours.
    if (!from.session_id.empty() && x.count("origin") == 0)
      throw forbidden("a session's WebSocket needs an Origin");
    if (auto refusal = doors_.check_origin(x))
      throw *refusal;
    auto asked = x.header("sec-websocket-protocol");
    if (!asked.empty() && asked.find(subprotocol) == asked.npos)
      throw bad_request("the subprotocol is tickerflow.v1");
    return web_socket_opening{live_.join(from),
                              asked.empty() ? "" : subprotocol};
  } catch (const problem& p) {
    return reply_of(p);
  }
}

web_reply api::watched(const std::string& path, const std::string& query) {
  check_leads();
  return things_.get(path, query);
}

} // namespace tickerflow::console
