#pragma once

#include "io/alpha_vantage/intraday.hpp"
#include "io/http_client/http_client.hpp"
#include "messages/api_client.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace tickerflow {

/// What an API client is started with.
struct api_client_options {
  http_client_options http;
  intraday_options intraday;
};

struct api_client_state {
  static constexpr const char* name = "api_client";

  caf::result<intraday_answer_ptr> fetch(const intraday_request& x);

  api_client_options options;
  std::unique_ptr<http_client> http;
};

/// Makes one call after the other on a kept connection.
/// Blocks: spawn it detached.
api_client_actor::behavior_type
api_client(api_client_actor::stateful_pointer<api_client_state> self,
           api_client_options options);

/// @returns the refusal inside an error of the API client; for errors of the
///          connection one of class `unavailable`
api_refusal refusal_of(const caf::error& x);

} // namespace tickerflow
