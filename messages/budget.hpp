#pragma once

#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <string>

namespace tickerflow {

/// The quota's answer to a fetcher that wants to call the API.
struct api_permit {
  bool granted = false;
  /// Granted: call after this time. Not granted: ask again after this time.
  std::int64_t wait_ms = 0;
  std::string reason; // why it was not granted, for people
};

/// How the API refused a call, so that the quota can close the gate for all.
enum class refusal_class : std::uint8_t {
  burst,      // more than one request per second
  per_minute, // wait for the next minute
  daily,      // wait until midnight US/Eastern
  premium,    // this request needs a paid plan: never repeat it
  bad_key,    // stop all calls with this key
  bad_call,   // unknown symbol, interval or month: park the ticker
  bad_function,
  no_bars,     // not an error: holiday, future month
  unavailable, // 5xx, HTML, truncated: back off
  unknown,     // matches nothing known: dead letter with the body, back off
};

std::string to_string(refusal_class x);

/// Reported by the fetcher whose call was refused.
struct api_refusal {
  std::string symbol;
  std::uint8_t kind = 0;           // a refusal_class
  std::int64_t retry_after_ms = 0; // 0 if the answer named none
  std::string text;                // the API's own words, the key redacted
};

/// The key's budget, for status and console.
struct budget_status {
  std::int64_t calls_per_minute = 0; // 0: no limit
  std::int64_t calls_per_day = 0;    // 0: no limit
  std::int64_t used_today = 0;
  std::int64_t granted = 0;       // since this master started
  std::int64_t refused = 0;       // by the API, since this master started
  std::int64_t closed_for_ms = 0; // > 0: the gate is closed that long
  std::string closed_reason;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, api_permit& x) {
  return f(caf::meta::type_name("api_permit"), x.granted, x.wait_ms, x.reason);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, api_refusal& x) {
  return f(caf::meta::type_name("api_refusal"), x.symbol, x.kind,
           x.retry_after_ms, x.text);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, budget_status& x) {
  return f(caf::meta::type_name("budget_status"), x.calls_per_minute,
           x.calls_per_day, x.used_today, x.granted, x.refused, x.closed_for_ms,
           x.closed_reason);
}

} // namespace tickerflow
