#pragma once

#include "actors/observed.hpp"
#include "io/alpha_vantage/answer.hpp"
#include "io/http_client/http_client.hpp"
#include "messages/api_client.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace tickerflow {

/// What an API client is started with. Copies share what was learnt about the
/// source's labels: start all clients of a node from one object.
struct api_client_options {
  http_client_options http; // its url and ca_file: api_url, api_ca_file
  std::string key;          // secret
  std::string entitlement;  // "", "delayed", "realtime"
  bool extended_hours = true;
  bar_label label = bar_label::start;
  /// Null: the system's clock; stands in for answers without a Date header.
  std::function<timestamp()> clock;
  /// Set once an answer proves that its labels are the ends of bars.
  std::shared_ptr<std::atomic<bool>> labels_are_ends =
      std::make_shared<std::atomic<bool>>(false);
};

struct api_client_state {
  static constexpr const char* name = "api_client";

  caf::result<intraday_answer_ptr> fetch(const intraday_request& x);
  void tell(state_page& out) const;

  api_client_options options;
  std::unique_ptr<http_client> http;
};

/// Calls the API for one request at a time. Blocks: spawn it detached.
api_client_actor::behavior_type
api_client(observed_pointer<api_client_actor, api_client_state> self,
           api_client_options options);

/// @returns the error that says what a refusal asks the caller to do
caf::error refusal_error(const api_refusal& x);

/// @returns how the API refused, if an error tells
std::optional<api_refusal> refusal_of(const caf::error& x);

/// @returns the text of a refusal's error, or of any other
std::string reason_of(const caf::error& x);

} // namespace tickerflow
