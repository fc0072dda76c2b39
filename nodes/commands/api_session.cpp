#include "nodes/commands/api_session.hpp"

#include "io/console_client/target.hpp"
#include "io/log/redact.hpp"
#include "nodes/commands/console_token.hpp"

#include <algorithm>

namespace tickerflow {

namespace {

constexpr int page_size = 1000;

int exit_code_of(console_fault x) {
  switch (x) {
    case console_fault::none: return exit_ok;
    case console_fault::no_token:
    case console_fault::wrong_token:
    case console_fault::forbidden: return exit_not_allowed;
    case console_fault::not_found: return exit_not_found;
    case console_fault::refused: return exit_failed;
    case console_fault::unreachable:
    case console_fault::not_trusted:
    case console_fault::not_leading:
    case console_fault::unavailable: return exit_no_answer;
  }
  return exit_failed;
}

api_answer answer_of(const console_reply& x) {
  if (x.fault != console_fault::none)
    return api_failure{x.text, exit_code_of(x.fault)};
  auto result = ordered_json::parse(x.body, nullptr, false);
  if (result.is_discarded())
    return api_failure{"the console's answer is no JSON", exit_no_answer};
  return result;
}

} // namespace

api_session::api_session(console_access access)
    : client_(std::make_unique<console_client>(std::move(access))) {
  // nop
}

std::variant<api_session, api_failure> api_session::open(const settings& x) {
  auto token = console_token_of(x);
  if (auto fault = std::get_if<api_failure>(&token))
    return *fault;
  console_access access;
  access.url = x.console.url;
  access.ca_file = x.console.ca_file;
  access.token = std::get<std::string>(token);
  // A line end in it would be another header.
  auto is_control = [](unsigned char c) { return c < 0x21 || c > 0x7E; };
  if (std::any_of(access.token.begin(), access.token.end(), is_control))
    return api_failure{"the console's token has blanks or other letters that "
                       "no token has: check console_token",
                       exit_usage};
  register_secret(access.token);
  return api_session{std::move(access)};
}

std::variant<api_session, api_failure>
api_session::open(const flag_values& flags) {
  auto result = load_settings(flags, process_environment());
  if (auto fault = std::get_if<settings_error>(&result))
    return api_failure{fault->text, exit_usage};
  auto& x = std::get<settings>(result);
  register_secrets(secrets_of(x));
  return open(x);
}

console_reply api_session::get_raw(const std::string& target) {
  return client_->get(target);
}

api_answer api_session::get(const std::string& target) {
  return answer_of(client_->get(target));
}

api_answer api_session::post(const std::string& target) {
  return answer_of(client_->post(target));
}

api_answer api_session::get_all(const std::string& target, int limit) {
  ordered_json result;
  std::string cursor;
  for (auto left = limit; left > 0;) {
    auto page = get(with_query(
        target, {{"limit", std::to_string(std::min(left, page_size))},
                 {"cursor", cursor}}));
    auto x = std::get_if<ordered_json>(&page);
    if (x == nullptr)
      return page;
    auto got = part_at(*x, "items").size();
    cursor = text_at(*x, "next");
    left -= static_cast<int>(std::min<std::size_t>(got, page_size));
    if (result.is_null()) {
      result = std::move(*x);
    } else {
      for (auto& item : part_at(*x, "items"))
        result["items"].push_back(item);
      result["next"] = cursor.empty() ? ordered_json{} : ordered_json(cursor);
    }
    // A page without items would never end.
    if (cursor.empty() || got == 0)
      break;
  }
  return result;
}

} // namespace tickerflow
