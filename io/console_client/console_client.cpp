#include "io/console_client/console_client.hpp"

#include "io/http_client/http_client.hpp"

#include <nlohmann/json.hpp>

namespace tickerflow {

namespace {

using nlohmann::json;

constexpr auto where_from =
    "name another with --console-url or TICKERFLOW_CONSOLE_URL";
constexpr auto token_from =
    "set TICKERFLOW_CONSOLE_TOKEN, or name the file that has it with "
    "--console-token-file or TICKERFLOW_CONSOLE_TOKEN_FILE";

std::string member(const json& x, const char* name) {
  auto i = x.find(name);
  return i != x.end() && i->is_string() ? i->get<std::string>() : "";
}

bool is_secure(const std::string& url) { return url.rfind("https://", 0) == 0; }

/// The leader's console, told as URL or as host:port.
std::string leader_url(const std::string& told, const std::string& ours) {
  if (told.empty() || told.find("://") != std::string::npos)
    return told;
  return (is_secure(ours) ? "https://" : "http://") + told;
}

console_fault fault_of(unsigned status, const std::string& type,
                       bool has_token) {
  using f = console_fault;
  if (type == "not_leading")
    return f::not_leading;
  if (status == 401)
    return has_token ? f::wrong_token : f::no_token;
  if (status == 403)
    return f::forbidden;
  if (status == 404)
    return f::not_found;
  if (status == 429 || status >= 500)
    return f::unavailable;
  return f::refused;
}

std::string advice(console_fault x) {
  switch (x) {
    case console_fault::no_token: return token_from;
    case console_fault::wrong_token:
      return std::string{"the token that was sent is another one: "}
             + token_from;
    case console_fault::forbidden:
      return std::string{"acting needs the operator's token: "} + token_from;
    case console_fault::not_leading:
      return std::string{"ask again in some seconds, or "} + where_from;
    case console_fault::unavailable: return "ask again in some seconds";
    default: return {};
  }
}

} // namespace

console_reply explain_answer(unsigned status, const std::string& body,
                             const std::string& url, bool has_token,
                             std::string& leader) {
  console_reply result;
  auto parsed = json::parse(body, nullptr, false);
  if (status >= 200 && status < 300) {
    if (!parsed.is_discarded()) {
      result.body = body;
      return result;
    }
    result.fault = console_fault::unreachable;
    result.text = url
                  + " answers, but not with JSON, so it is no console of "
                    "Tickerflow: "
                  + where_from;
    return result;
  }
  if (!parsed.is_object() || member(parsed, "title").empty()) {
    result.fault = console_fault::unreachable;
    result.text = url + " answers with status " + std::to_string(status)
                  + ", but not as a console of Tickerflow does: " + where_from;
    return result;
  }
  result.fault = fault_of(status, member(parsed, "type"), has_token);
  leader = leader_url(member(parsed, "leader"), url);
  auto title = member(parsed, "title");
  auto detail = member(parsed, "detail");
  result.text =
      "the console at " + url + " says: " + (detail.empty() ? title : detail);
  if (auto more = advice(result.fault); !more.empty())
    result.text += " (" + more + ')';
  return result;
}

struct console_client::implementation {
  explicit implementation(console_access x) : access(std::move(x)) {
    connect();
  }

  void connect() {
    http_client_options options;
    options.url = access.url;
    options.ca_file = access.ca_file;
    options.url_setting = "console_url";
    options.ca_file_setting = "TICKERFLOW_CONSOLE_CA_FILE";
    options.read_timeout = access.timeout;
    options.total_timeout = access.timeout;
    options.connect_timeout = std::min(options.connect_timeout, access.timeout);
    client = std::make_unique<http_client>(std::move(options));
  }

  console_reply no_answer(const caf::error& reason) const {
    console_reply result;
    auto not_trusted = reason == errc::refused;
    result.fault =
        not_trusted ? console_fault::not_trusted : console_fault::unreachable;
    result.text =
        "no console answers at " + access.url + ": " + text_of(reason);
    if (reason == errc::unavailable)
      result.text += std::string{" (does a master with a console run there? "}
                     + where_from + ')';
    return result;
  }

  console_reply once(const std::string& target, bool acts,
                     std::string& leader) {
    http_headers headers{{"Accept", "application/json"}};
    if (!access.token.empty())
      headers.emplace_back("Authorization", "Bearer " + access.token);
    auto answer =
        acts ? client->post(target, headers) : client->get(target, headers);
    if (!answer)
      return no_answer(answer.error());
    return explain_answer(answer->status, answer->body, access.url,
                          !access.token.empty(), leader);
  }

  console_reply ask(const std::string& target, bool acts) {
    std::string leader;
    auto result = once(target, acts, leader);
    if (result.fault != console_fault::not_leading || leader.empty()
        || leader == access.url)
      return result;
    // The token must not leave an encrypted link for one that is not.
    if (is_secure(access.url) && !is_secure(leader)) {
      result.text += "; the leader is at " + leader
                     + ", without encryption: not asked there";
      return result;
    }
    access.url = leader;
    connect();
    // Once: two that each name the other would go on for ever.
    return once(target, acts, leader);
  }

  console_access access;
  std::unique_ptr<http_client> client;
};

console_client::console_client(console_access access)
    : implementation_(std::make_unique<implementation>(std::move(access))) {
  // nop
}

console_client::~console_client() = default;

console_reply console_client::get(const std::string& target) {
  return implementation_->ask(target, false);
}

console_reply console_client::post(const std::string& target) {
  return implementation_->ask(target, true);
}

const std::string& console_client::url() const {
  return implementation_->access.url;
}

} // namespace tickerflow
