#pragma once

#include "io/simulator/call_limits.hpp"
#include "io/simulator/faults.hpp"
#include "io/simulator/http_messages.hpp"
#include "io/simulator/intraday_answer.hpp"
#include "io/simulator/market_clock.hpp"
#include "io/simulator/served_market.hpp"

#include <atomic>
#include <map>

namespace tickerflow::sim {

struct service_options {
  answer_options answers;
  std::vector<std::string> keys;    // accepted ones; empty = any but "demo"
  std::vector<std::string> premium; // outputsize_full, month, delayed, realtime
  std::uint64_t seed = 1;
};

/// Answers requests as Alpha Vantage does, and those under /sim/ that steer
/// the simulation. Knows no socket; can be called from several threads.
class service {
public:
  using parameters = std::map<std::string, std::string>;

  service(service_options options, const served_market& market,
          market_clock& clock, call_limits& limits, fault_board& faults);

  http_reply answer(const http_request& request);

private:
  http_reply answer_query(const http_request& request, parameters values);
  http_reply answer_fault(fault_kind kind, const std::string& key,
                          const std::string& function) const;
  http_reply answer_intraday(const std::string& function,
                             const parameters& values, sim_time now) const;
  http_reply answer_state(const parameters& values) const;
  http_reply answer_truth(const parameters& values) const;
  http_reply change_faults(const http_request& request);
  http_reply change_clock(const http_request& request);
  http_reply list_faults() const;

  service_options options_;
  const served_market& market_;
  market_clock& clock_;
  call_limits& limits_;
  fault_board& faults_;
  std::atomic<std::int64_t> requests_{0};
  std::atomic<std::int64_t> refusals_{0};
};

/// A JSON reply.
http_reply json_reply(std::string body, unsigned status = 200);

/// A reply that a request under /sim/ cannot be taken.
http_reply bad_request(const std::string& why);

} // namespace tickerflow::sim
