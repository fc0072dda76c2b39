#pragma once

#include "market/exchange_time.hpp"
#include "messages/budget.hpp"
#include "messages/fetch.hpp"

#include <map>
#include <string>
#include <string_view>
#include <variant>

namespace tickerflow {

/// What is the same for every call of a key.
struct intraday_options {
  std::string key; // secret
  bar_label label = bar_label::start;
  bool extended_hours = true;
  std::string entitlement; // "", "delayed", "realtime"
};

/// @returns the path and query of a call; it holds the key
std::string intraday_target(const intraday_request& x,
                            const intraday_options& options);

/// A call that brought no bars, and what is known about why.
struct intraday_refusal {
  refusal_class kind = refusal_class::unknown;
  std::string text; // the API's own words or our description, key redacted
  std::int64_t retry_after_ms = 0; // 0: the answer named none
};

/// Reads an answer of the API, JSON or CSV, or tells how it refuses.
///
/// Shape   any bytes in; bars oldest first, labels made starts, prices at four
///         decimals; rows that do not parse go to `rejected`
/// Errors  none: what is not understood is `refusal_class::unknown`
/// Source  recorded answers 2017 to 2026; refusals come with HTTP 200, success
///         is the presence of the series
/// @param headers by lower-case name
/// @param local_now used if the answer has no Date header
std::variant<intraday_answer, intraday_refusal>
read_intraday(std::string_view body, int status,
              const std::map<std::string, std::string>& headers,
              const intraday_request& request, const intraday_options& options,
              timestamp local_now);

/// Reads "Tue, 24 Nov 2026 11:00:00 GMT".
std::optional<timestamp> parse_http_date(const std::string& text);

} // namespace tickerflow
