#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace tickerflow {

/// Where a master's console is and who asks.
struct console_access {
  std::string url;     // http(s)://host[:port]
  std::string ca_file; // PEM: trusted beside the system's authorities
  std::string token;   // empty: none
  std::chrono::milliseconds timeout{15'000}; // of a whole call
};

/// Why there is no answer; each asks for another thing to be done.
enum class console_fault : std::uint8_t {
  none,
  unreachable, // nobody there, too slow, no console: is it running, which URL?
  not_trusted, // its certificate
  no_token,    // it wants one
  wrong_token, // it does not know the one that was sent
  forbidden,   // the token may look, not act
  not_leading, // and it does not know who leads, or we may not go there
  not_found,   // what was asked about is not there
  refused,     // the request is wrong; the text says why
  unavailable, // the console has no answer now: ask again later
};

struct console_reply {
  console_fault fault = console_fault::none;
  std::string text; // for people: what happened, why, what to try
  std::string body; // JSON, if there is no fault
};

/// Asks the console's API (console/openapi.yaml). Follows to the master that
/// leads. Blocks; one thread at a time. The token is in no text.
class console_client {
public:
  explicit console_client(console_access access);
  ~console_client();

  console_client(const console_client&) = delete;
  console_client& operator=(const console_client&) = delete;

  /// @param target path and query, see target.hpp
  console_reply get(const std::string& target);

  /// Sends a request that changes something, once.
  console_reply post(const std::string& target);

  /// @returns the console that is asked now
  const std::string& url() const;

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

/// Puts what a server answered in words.
/// @param status of HTTP
/// @param body problem+json, or anything else from what is no console
/// @param url of the console that answered
/// @param has_token whether one was sent
/// @param leader is set to where the leading master's console is, if told
console_reply explain_answer(unsigned status, const std::string& body,
                             const std::string& url, bool has_token,
                             std::string& leader);

} // namespace tickerflow
