#pragma once

#include "io/web_server/web_message.hpp"
#include "messages/errc.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace tickerflow::console {

using json = nlohmann::ordered_json;

/// Why there is no answer, as RFC 9457 wants it.
struct problem {
  unsigned status = 500;
  std::string type; // a word, see console/openapi.yaml
  std::string detail;
  std::string leader{}; // not_leading: where the leader's console is
};

problem bad_request(std::string detail);
problem not_found(std::string detail);
problem forbidden(std::string detail);
problem not_logged_in(std::string detail);
problem too_many(std::string detail);
/// An actor or a node is silent.
problem no_answer(std::string detail);
/// A server is away.
problem unavailable(std::string detail);

/// What an error of an actor or an adapter is for a client.
problem problem_of(const caf::error& x);

json to_json(const problem& x);
web_reply reply_of(const problem& x);

/// @returns the text of a JSON value; what is no UTF-8 in it is replaced
std::string dumped(const json& x);
web_reply reply_of(const json& x, unsigned status = 200);

/// Sent with each answer of /api.
extern const web_headers api_headers;

} // namespace tickerflow::console
