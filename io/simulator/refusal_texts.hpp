#pragma once

#include <string>

namespace tickerflow::sim {

// The service's refusals, as recorded (public issues and answers). With HTTP
// status 200 unless the name says another.

/// More than one request within a second.
std::string burst_refusal();

/// The minute's calls are used up. @param per_day 0 = as the text was: 500
std::string per_minute_refusal(int per_minute, int per_day);

/// The day's calls are used up.
std::string daily_refusal(int per_day);

/// The same, in the form that repeats the key.
std::string daily_refusal_naming(const std::string& key, int per_day);

std::string premium_endpoint_refusal();

/// @param parameter e.g. "outputsize=full"
std::string premium_parameter_refusal(const std::string& parameter,
                                      const std::string& function);

std::string invalid_key_refusal();
std::string demo_key_refusal();

/// Unknown symbol, bad interval or bad month: one text for all.
std::string invalid_call_refusal(const std::string& function);

std::string unknown_function_refusal(const std::string& function);

/// No data.
std::string empty_answer();

/// A refusal that the CSV writer spelled into cells.
std::string spelled_refusal();

std::string html_503();
std::string html_500();
std::string json_406();

/// Texts of the RapidAPI gateway, with HTTP status 429.
std::string rapidapi_per_minute();
std::string rapidapi_daily();

/// A page where an answer should be; seen from proxies and sign-in pages.
std::string html_page();

} // namespace tickerflow::sim
