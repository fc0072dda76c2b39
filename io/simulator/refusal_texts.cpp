#include "io/simulator/refusal_texts.hpp"

#include <nlohmann/json.hpp>

namespace tickerflow::sim {

namespace {

std::string object(const char* key, const std::string& text) {
  auto replace = nlohmann::json::error_handler_t::replace; // texts echo input
  return nlohmann::json{{key, text}}.dump(4, ' ', false, replace) + '\n';
}

std::string information(const std::string& text) {
  return object("Information", text);
}

constexpr auto plans = "any of the premium plans at "
                       "https://www.alphavantage.co/premium/ to ";

} // namespace

std::string burst_refusal() {
  return information(
      std::string{"Thank you for using Alpha Vantage! Please consider "
                  "spreading out your free API requests more sparingly (1 "
                  "request per second). You may subscribe to "}
      + plans
      + "lift the free key rate limit (25 requests per day) and instantly "
        "remove all daily rate limits.");
}

std::string per_minute_refusal(int per_minute, int per_day) {
  return object("Note",
                "Thank you for using Alpha Vantage! Our standard API call "
                "frequency is "
                    + std::to_string(per_minute) + " calls per minute and "
                    + std::to_string(per_day > 0 ? per_day : 500)
                    + " calls per day. Please visit "
                      "https://www.alphavantage.co/premium/ if you would like "
                      "to target a higher API call frequency.");
}

std::string daily_refusal(int per_day) {
  return information("Thank you for using Alpha Vantage! Our standard API rate "
                     "limit is "
                     + std::to_string(per_day)
                     + " requests per day. Please subscribe to " + plans
                     + "instantly remove all daily rate limits.");
}

std::string daily_refusal_naming(const std::string& key, int per_day) {
  return information("We have detected your API key as " + key
                     + " and our standard API rate limit is "
                     + std::to_string(per_day)
                     + " requests per day. Please subscribe to " + plans
                     + "instantly remove all daily rate limits.");
}

std::string premium_endpoint_refusal() {
  return information(std::string{"Thank you for using Alpha Vantage! This is a "
                                 "premium endpoint. You may subscribe to "}
                     + plans + "instantly unlock all premium endpoints");
}

std::string premium_parameter_refusal(const std::string& parameter,
                                      const std::string& function) {
  return information("Thank you for using Alpha Vantage! The " + parameter
                     + " parameter value is a premium feature for the "
                     + function + " endpoint. You may subscribe to " + plans
                     + "instantly unlock all premium features");
}

std::string invalid_key_refusal() {
  return object("Error Message",
                "the parameter apikey is invalid or missing. Please claim your "
                "free API key on (https://www.alphavantage.co/support/"
                "#api-key). It should take less than 20 seconds.");
}

std::string demo_key_refusal() {
  return information("The **demo** API key is for demo purposes only. Please "
                     "claim your free API key at "
                     "(https://www.alphavantage.co/support/#api-key) to "
                     "explore our full API offerings. It takes fewer than 20 "
                     "seconds.");
}

std::string invalid_call_refusal(const std::string& function) {
  return object("Error Message",
                "Invalid API call. Please retry or visit the documentation "
                "(https://www.alphavantage.co/documentation/) for "
                    + function + ".");
}

std::string unknown_function_refusal(const std::string& function) {
  return object("Error Message",
                "This API function (" + function + ") does not exist.");
}

std::string empty_answer() { return "{}\n"; }

std::string spelled_refusal() {
  return "timestamp,open,high,low,close,volume\r\nI,n,f,o,r,m,a\r\n";
}

std::string html_503() {
  return R"(<!DOCTYPE html>
	<html>
	  <head>
		<meta name="viewport" content="width=device-width, initial-scale=1">
		<meta charset="utf-8">
		<title>Application Error</title>
		<style media="screen">
		  html,body,iframe {
			margin: 0;
			padding: 0;
		  }
		  html,body {
			height: 100%;
			overflow: hidden;
		  }
		  iframe {
			width: 100%;
			height: 100%;
			border: 0;
		  }
		</style>
	  </head>
	  <body>
		<iframe src="//www.herokucdn.com/error-pages/application-error.html"></iframe>
	  </body>
	</html>)";
}

std::string html_500() {
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n"
         "  <title>Server Error (500)</title>\n</head>\n<body>\n"
         "  <h1>Server Error (500)</h1><p></p>\n</body>\n</html>\n";
}

std::string json_406() {
  return R"({"detail":"Could not satisfy the request Accept header."})";
}

std::string rapidapi_per_minute() {
  return R"({"message":"You have exceeded the rate limit per minute for your )"
         R"(plan, BASIC, by the API provider"})";
}

std::string rapidapi_daily() {
  return R"({"message":"You have exceeded the DAILY quota for Requests on )"
         R"(your current plan, BASIC. Upgrade your plan at )"
         R"(https://rapidapi.com/alphavantage/api/alpha-vantage"})";
}

std::string html_page() {
  return "<!DOCTYPE html>\n<html><head><title>Sign in to the network</title>"
         "</head><body><p>Please sign in to go on.</p></body></html>\n";
}

} // namespace tickerflow::sim
