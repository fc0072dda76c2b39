#include "actors/api_client.hpp"

#include "io/alpha_vantage/request.hpp"

#include <spdlog/spdlog.h>

namespace tickerflow {

namespace {

const std::string rapidapi_domain = ".p.rapidapi.com";

timestamp system_now() {
  return std::chrono::floor<std::chrono::seconds>(
      std::chrono::system_clock::now());
}

/// @returns the host of RapidAPI's gateway, or nothing for the API itself
std::string rapidapi_host(const std::string& url) {
  auto end = url.find(rapidapi_domain);
  auto start = url.find("://");
  if (end == std::string::npos || start == std::string::npos || start > end)
    return {};
  return url.substr(start + 3, end - start - 3) + rapidapi_domain;
}

/// What the caller can do about each class, after the API's own words.
std::string advice(refusal_class x) {
  switch (x) {
    case refusal_class::burst:
    case refusal_class::per_minute:
      return "calls go on later; set api_calls_per_minute to the key's plan";
    case refusal_class::daily: return "calls go on after midnight in New York";
    case refusal_class::premium: return "this request needs a paid plan";
    case refusal_class::bad_key: return "check API_KEY in .env";
    case refusal_class::bad_call:
      return "check that the symbol exists and the interval is right";
    case refusal_class::bad_function: return "check api_url";
    case refusal_class::no_bars: return "there may be no trading";
    case refusal_class::unavailable:
    case refusal_class::unknown: break;
  }
  return "trying again later";
}

std::string first_words(const std::string& text) {
  constexpr size_t longest = 300;
  auto result = text.substr(0, longest);
  for (auto& c : result)
    if (static_cast<unsigned char>(c) < ' ' || c == '"')
      c = ' ';
  return text.size() > longest ? result + "..." : result;
}

errc code_of(refusal_class x) {
  switch (x) {
    case refusal_class::burst:
    case refusal_class::per_minute:
    case refusal_class::daily: return errc::budget_exhausted;
    case refusal_class::bad_key: return errc::refused;
    case refusal_class::premium:
    case refusal_class::bad_call:
    case refusal_class::bad_function: return errc::bad_request;
    case refusal_class::no_bars:
    case refusal_class::unavailable:
    case refusal_class::unknown: break;
  }
  return errc::unavailable;
}

} // namespace

caf::error refusal_error(const api_refusal& x) {
  auto kind = static_cast<refusal_class>(x.kind);
  return caf::make_error(code_of(kind),
                         "no bars for " + x.symbol + ": the API answered '"
                             + first_words(x.text) + "' (" + advice(kind) + ')',
                         x);
}

std::optional<api_refusal> refusal_of(const caf::error& x) {
  if (!x || !x.context().match_elements<std::string, api_refusal>())
    return std::nullopt;
  return x.context().get_as<api_refusal>(1);
}

std::string reason_of(const caf::error& x) {
  // text_of() knows errors with nothing but a text.
  return refusal_of(x) ? x.context().get_as<std::string>(0) : text_of(x);
}

caf::result<intraday_answer_ptr>
api_client_state::fetch(const intraday_request& x) {
  if (std::chrono::steady_clock::now() > x.deadline)
    return failure(errc::unavailable, "the calls before it took too long");
  request_options asked;
  asked.key = options.key;
  asked.entitlement = options.entitlement;
  asked.extended_hours = options.extended_hours;
  http_headers headers;
  if (auto host = rapidapi_host(options.http.url); !host.empty()) {
    asked.key_in_header = true;
    headers = {{"x-rapidapi-key", options.key}, {"x-rapidapi-host", host}};
  }
  auto reply = http->get(request_target(x, asked), headers);
  if (!reply) {
    spdlog::debug("event=call_failed target={} reason=\"{}\"",
                  redacted_target(x, asked), text_of(reply.error()));
    return std::move(reply.error());
  }
  answer_options expected;
  expected.symbol = x.symbol;
  expected.interval = x.interval;
  expected.label = *options.labels_are_ends ? bar_label::end : options.label;
  expected.key = options.key;
  expected.received_at = options.clock();
  auto answer =
      parse_answer(reply->body, reply->status, reply->headers, expected);
  spdlog::debug("event=call_made target={} status={} bars={} rejected={}",
                redacted_target(x, asked), reply->status,
                answer.answer.bars.size(), answer.answer.rejected.size());
  if (answer.label == bar_label::end && expected.label != bar_label::end) {
    options.labels_are_ends->store(true);
    spdlog::error("event=labels_are_ends symbol={} hint=\"the answer's times "
                  "are the ends of its bars; set api_label=end: bars before "
                  "this one were taken as one interval late\"",
                  x.symbol);
  }
  if (answer.refusal
      && answer.refusal->kind
             != static_cast<std::uint8_t>(refusal_class::no_bars))
    return refusal_error(*answer.refusal);
  return std::make_shared<const intraday_answer>(std::move(answer.answer));
}

api_client_actor::behavior_type
api_client(observed_pointer<api_client_actor, api_client_state> self,
           api_client_options options) {
  auto& state = self->state;
  state.options = std::move(options);
  if (!state.options.clock)
    state.options.clock = system_now;
  state.http = std::make_unique<http_client>(state.options.http);
  return {
      [&state](fetch_atom, const intraday_request& x) {
        return state.fetch(x);
      },
  };
}

} // namespace tickerflow
