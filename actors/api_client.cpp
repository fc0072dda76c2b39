#include "actors/api_client.hpp"

#include "io/alpha_vantage/refusals.hpp"

namespace tickerflow {

namespace {

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
    case refusal_class::unavailable: return errc::unavailable;
    case refusal_class::unknown: break;
  }
  return errc::malformed_record;
}

caf::error refused(const std::string& symbol, const intraday_refusal& x) {
  api_refusal inside{symbol, static_cast<std::uint8_t>(x.kind),
                     x.retry_after_ms, x.text};
  return caf::make_error(code_of(x.kind), x.text, std::move(inside));
}

} // namespace

caf::result<intraday_answer_ptr>
api_client_state::fetch(const intraday_request& x) {
  auto answer = http->get(intraday_target(x, options.intraday));
  if (!answer)
    return std::move(answer.error());
  auto now = std::chrono::time_point_cast<std::chrono::seconds>(
      std::chrono::system_clock::now());
  auto read = read_intraday(answer->body, answer->status, answer->headers, x,
                            options.intraday, now);
  if (auto refusal = std::get_if<intraday_refusal>(&read))
    return refused(x.symbol, *refusal);
  return std::make_shared<const intraday_answer>(
      std::move(std::get<intraday_answer>(read)));
}

api_client_actor::behavior_type
api_client(api_client_actor::stateful_pointer<api_client_state> self,
           api_client_options options) {
  auto& state = self->state;
  state.options = std::move(options);
  state.http = std::make_unique<http_client>(state.options.http);
  return {
      [&state](fetch_atom, const intraday_request& x) {
        return state.fetch(x);
      },
  };
}

api_refusal refusal_of(const caf::error& x) {
  if (x.context().match_elements<std::string, api_refusal>())
    return x.context().get_as<api_refusal>(1);
  api_refusal result;
  result.kind = static_cast<std::uint8_t>(refusal_class::unavailable);
  result.text = text_of(x);
  return result;
}

} // namespace tickerflow
