#include "nodes/commands/api_session.hpp"
#include "nodes/support/bundle.hpp"

namespace tickerflow {

namespace {

struct question {
  const char* name;
  const char* what;
  const char* target;
};

constexpr question questions[] = {
    {"overview", "the pipeline at one look", "/api/v1/overview"},
    {"alerts", "what is wrong, in words", "/api/v1/alerts"},
    {"nodes", "masters, workers and their queues", "/api/v1/nodes"},
    {"shards", "who serves what, moves, fences", "/api/v1/shards"},
    {"actors", "every actor", "/api/v1/actors?limit=10000"},
    {"flow", "who sends how much to whom", "/api/v1/flow"},
    {"tickers", "freshness of each ticker", "/api/v1/tickers?limit=10000"},
    {"budget", "the API key's budget", "/api/v1/budget"},
    {"gaps", "bars that are missing", "/api/v1/gaps?limit=1000"},
    {"dead_letters", "newest dead letters, without payload",
     "/api/v1/dead-letters?limit=500"},
    {"logs", "newest log lines of all nodes", "/api/v1/logs?limit=10000"},
    {"audit", "who acted", "/api/v1/audit?limit=1000"},
};

} // namespace

void collect_console(bundle& to, const settings& x) {
  auto opened = api_session::open(x);
  auto session = std::get_if<api_session>(&opened);
  // One that is away is not asked a dozen times: each can take its time-out.
  std::string away;
  if (session == nullptr)
    away = std::get<api_failure>(opened).text;
  for (auto& q : questions) {
    auto name = std::string{"console/"} + q.name + ".json";
    if (!away.empty()) {
      to.add_missing(name, q.what, away);
      continue;
    }
    auto reply = session->get_raw(q.target);
    if (reply.fault == console_fault::none)
      to.add(name, q.what, reply.body);
    else
      to.add_missing(name, q.what, reply.text);
    if (reply.fault == console_fault::unreachable
        || reply.fault == console_fault::not_trusted)
      away = reply.text;
  }
}

} // namespace tickerflow
