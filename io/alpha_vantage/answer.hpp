#pragma once

#include "market/exchange_time.hpp" // for bar_label
#include "messages/budget.hpp"
#include "messages/fetch.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tickerflow {

/// What is known of an answer before it is read.
struct answer_options {
  std::string symbol; // ours: the answer echoes what was typed
  std::chrono::seconds interval{300};
  bar_label label = bar_label::start;
  std::string zone = "US/Eastern"; // of CSV, which names none
  std::string key;                 // taken out of every text
  timestamp received_at{};         // our clock, if the answer has no Date
};

struct parsed_answer {
  std::optional<api_refusal> refusal; // then `answer` has only source_now
  intraday_answer answer;
  /// As configured, unless the labels prove the other side.
  bar_label label = bar_label::start;
};

/// Reads an answer of TIME_SERIES_INTRADAY.
///
/// Shape   any bytes in: JSON or CSV, a refusal in words or by status; bars in
///         order of time, each start once
/// Units   prices in 1/10'000; wall time of the answer's zone becomes UTC
/// Errors  none: what is no answer is a refusal (no_bars, unavailable and
///         unknown among them), rows that do not parse are `rejected`
/// Source  the contract as recorded in test/recorded_answers
parsed_answer
parse_answer(const std::string& body, unsigned status,
             const std::vector<std::pair<std::string, std::string>>& headers,
             const answer_options& options);

} // namespace tickerflow
