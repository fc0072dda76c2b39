#pragma once

#include "io/alpha_vantage/intraday.hpp"

namespace tickerflow {

/// Classifies the API's words. The order matters: burst and daily texts both
/// name "25 requests per day".
/// Source  recorded refusals, 2017 to 2026
refusal_class classify_refusal(std::string_view text);

/// @returns the text without the API key (daily refusals repeat it)
std::string redact_key(std::string text, const std::string& key);

/// The refusal that a status other than 200 means; nothing for 200.
std::optional<intraday_refusal>
refusal_of_status(int status, std::string_view body,
                  const std::map<std::string, std::string>& headers,
                  const std::string& key);

} // namespace tickerflow
