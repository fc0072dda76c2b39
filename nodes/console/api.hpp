#pragma once

#include "io/web_server/web_server.hpp"
#include "nodes/console/access.hpp"
#include "nodes/console/audit.hpp"
#include "nodes/console/live.hpp"
#include "nodes/console/resources.hpp"

#include <functional>
#include <string>

namespace tickerflow::console {

struct api_options {
  std::string version;
  std::string node;
  /// Whether this process leads.
  std::function<bool()> leads;
  /// Where the leader's console is, "http://..."; empty: not known.
  std::function<std::string()> leader;
  /// Answers /healthz and /readyz.
  std::function<std::optional<web_reply>(const std::string& path)> probe;
};

/// Everything that the console answers over HTTP: who may, who leads, the page,
/// the API. Thread-safe.
class api {
public:
  api(api_options options, access_rules& doors, resources& things, live& hub,
      audit& log);

  web_reply answer(const web_request& x);

  std::variant<web_reply, web_socket_opening> open_socket(const web_request& x);

  /// What a GET of a path has for those who watch it.
  /// @throws problem
  web_reply watched(const std::string& path, const std::string& query);

private:
  web_reply answer_api(const web_request& x);
  web_reply session(const web_request& x);
  web_reply log_in(const web_request& x);
  json session_json(const caller& x) const;
  void check_leads() const;

  api_options options_;
  access_rules& doors_;
  resources& things_;
  live& live_;
  audit& log_;
};

} // namespace tickerflow::console
