#pragma once

#include "market/bar.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace tickerflow::sim {

/// What the service looks at of a request.
struct http_request {
  std::string method;
  std::string target; // path and query as sent
  std::string body;
  std::string accept;       // empty = no such header
  std::string rapidapi_key; // empty = no such header
};

struct http_reply {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  timestamp date{};                 // for the Date header
  std::chrono::milliseconds wait{}; // before it is sent
  bool truncated = false;           // send half of the body, then close
};

/// Called from several threads.
using http_handler = std::function<http_reply(const http_request&)>;

} // namespace tickerflow::sim
