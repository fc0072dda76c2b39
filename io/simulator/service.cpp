#include "io/simulator/service.hpp"

#include "io/simulator/refusal_texts.hpp"
#include "io/simulator/texts.hpp"

#include <algorithm>

namespace tickerflow::sim {

namespace {

constexpr auto intraday_function = "TIME_SERIES_INTRADAY";

http_reply html_reply(std::string body, unsigned status) {
  http_reply result;
  result.status = status;
  result.content_type = "text/html; charset=utf-8";
  result.body = std::move(body);
  return result;
}

bool contains(const std::vector<std::string>& names, const char* name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The real service answers 406 to what names neither JSON nor everything.
bool accepts_json(const std::string& accept) {
  return accept.empty() || accept.find("*/*") != std::string::npos
         || accept.find("application/json") != std::string::npos
         || accept.find("application/*") != std::string::npos;
}

/// The first premium feature that a query uses and the key does not have.
std::optional<std::string>
missing_feature(const std::vector<std::string>& premium,
                const intraday_query& query) {
  if (query.full && contains(premium, "outputsize_full"))
    return "outputsize=full";
  if (query.month && contains(premium, "month"))
    return "month";
  for (auto entitlement : {"delayed", "realtime"})
    if (query.entitlement == entitlement && contains(premium, entitlement))
      return std::string{"entitlement="} + entitlement;
  return std::nullopt;
}

std::string value_of(const service::parameters& values, const char* name) {
  auto i = values.find(name);
  return i == values.end() ? std::string{} : i->second;
}

} // namespace

http_reply json_reply(std::string body, unsigned status) {
  http_reply result;
  result.status = status;
  result.body = std::move(body);
  return result;
}

service::service(service_options options, const served_market& market,
                 market_clock& clock, call_limits& limits, fault_board& faults)
    : options_(std::move(options)), market_(market), clock_(clock),
      limits_(limits), faults_(faults) {}

http_reply service::answer(const http_request& request) {
  auto question = std::min(request.target.find('?'), request.target.size());
  auto path = request.target.substr(0, question);
  auto values = parse_parameters(std::string_view{request.target}.substr(
      std::min(question + 1, request.target.size())));
  auto is_get = request.method == "GET" || request.method == "HEAD";
  auto is_post = request.method == "POST";
  // Before the bars are chosen: with a later one the last bar would look
  // complete. At a high speed, or when the clock is set, that is no trifle.
  auto date = date::floor<std::chrono::seconds>(clock_.now());
  http_reply result;
  if (path == "/query" && is_get)
    result = answer_query(request, std::move(values));
  else if (path == "/sim/state" && is_get)
    result = answer_state(values);
  else if (path == "/sim/truth" && is_get)
    result = answer_truth(values);
  else if (path == "/sim/faults" && is_get)
    result = list_faults();
  else if (path == "/sim/faults" && is_post)
    result = change_faults(request);
  else if (path == "/sim/clock" && is_post)
    result = change_clock(request);
  else if (path == "/" && is_get)
    result = html_reply("<!doctype html>\n<title>Tickerflow simulator</title>\n"
                        "<p>A simulator of Alpha Vantage: /query, /sim/state, "
                        "/sim/truth, /sim/faults, /sim/clock\n",
                        200);
  else if (path == "/query" || path == "/sim/state" || path == "/sim/truth"
           || path == "/sim/faults" || path == "/sim/clock" || path == "/")
    result = html_reply("<h1>Method Not Allowed</h1>\n", 405);
  else
    result = html_reply("<h1>Not Found</h1>\n", 404);
  result.headers.emplace_back("Allow", "GET, HEAD, OPTIONS");
  result.date = date;
  return result;
}

http_reply service::answer_query(const http_request& request,
                                 parameters values) {
  ++requests_;
  auto is_rapidapi = !request.rapidapi_key.empty();
  auto key = is_rapidapi ? request.rapidapi_key : value_of(values, "apikey");
  auto function = value_of(values, "function");
  auto symbol = to_upper(value_of(values, "symbol"));
  auto verdict = limits_.count(key, std::chrono::system_clock::now());
  auto drawn = faults_.draw(symbol);
  auto now = clock_.now();

  auto refuse = [this](http_reply x) {
    ++refusals_;
    return x;
  };
  auto decide = [&]() -> http_reply {
    auto& limits = limits_.options();
    if (drawn.answer)
      return refuse(answer_fault(*drawn.answer, key, function));
    if (!accepts_json(request.accept))
      return refuse(json_reply(json_406(), 406));
    if (key.empty()
        || (!options_.keys.empty()
            && std::find(options_.keys.begin(), options_.keys.end(), key)
                   == options_.keys.end()))
      return refuse(json_reply(invalid_key_refusal()));
    switch (verdict) {
      case call_verdict::granted: break;
      case call_verdict::burst: return refuse(json_reply(burst_refusal()));
      case call_verdict::per_minute:
        return refuse(is_rapidapi ? json_reply(rapidapi_per_minute(), 429)
                                  : json_reply(per_minute_refusal(
                                      limits.per_minute, limits.per_day)));
      case call_verdict::per_day:
        return refuse(is_rapidapi ? json_reply(rapidapi_daily(), 429)
                                  : json_reply(daily_refusal(limits.per_day)));
    }
    if (key == "demo" && options_.keys.empty()
        && !(symbol == "IBM" && value_of(values, "interval") == "5min"))
      return refuse(json_reply(demo_key_refusal()));
    if (function != intraday_function)
      return refuse(json_reply(unknown_function_refusal(function)));
    auto reply = answer_intraday(function, values, now);
    // A success is the only reply without a refusal's text.
    if (reply.status == 200 && reply.content_type == "application/json"
        && reply.body.find("\"Meta Data\"") == std::string::npos)
      ++refusals_;
    return reply;
  };
  auto result = decide();
  result.wait = drawn.wait;
  result.truncated = drawn.truncated;
  return result;
}

http_reply service::answer_fault(fault_kind kind, const std::string& key,
                                 const std::string& function) const {
  auto per_minute = std::max(limits_.options().per_minute, 5);
  auto per_day = std::max(limits_.options().per_day, 25);
  switch (kind) {
    case fault_kind::burst: return json_reply(burst_refusal());
    case fault_kind::per_minute:
      return json_reply(per_minute_refusal(per_minute, 0));
    case fault_kind::daily: return json_reply(daily_refusal(per_day));
    case fault_kind::daily_names_key:
      return json_reply(daily_refusal_naming(key, per_day));
    case fault_kind::premium: return json_reply(premium_endpoint_refusal());
    case fault_kind::premium_outputsize:
      return json_reply(premium_parameter_refusal("outputsize=full", function));
    case fault_kind::invalid_key: return json_reply(invalid_key_refusal());
    case fault_kind::demo: return json_reply(demo_key_refusal());
    case fault_kind::invalid_call:
      return json_reply(invalid_call_refusal(function));
    case fault_kind::unknown_function:
      return json_reply(unknown_function_refusal(function));
    case fault_kind::csv_spelled: {
      auto result = json_reply(spelled_refusal());
      result.content_type = "application/x-download";
      return result;
    }
    case fault_kind::http_503: return html_reply(html_503(), 503);
    case fault_kind::http_500: return html_reply(html_500(), 500);
    case fault_kind::http_429: {
      auto result = json_reply(rapidapi_per_minute(), 429);
      result.headers.emplace_back("Retry-After", "2");
      return result;
    }
    case fault_kind::http_406: return json_reply(json_406(), 406);
    case fault_kind::html: return html_reply(html_page(), 200);
    default: return json_reply(empty_answer());
  }
}

http_reply service::answer_intraday(const std::string& function,
                                    const parameters& values,
                                    sim_time now) const {
  auto query = parse_query(values);
  if (!query || !market_.knows(query->symbol))
    return json_reply(invalid_call_refusal(function));
  if (auto feature = missing_feature(options_.premium, *query))
    return json_reply(premium_parameter_refusal(*feature, function));
  bar_faults faults{faults_.rules(), options_.seed};
  auto bars = select_bars(market_, *query, now, faults, options_.answers);
  if (!query->csv)
    return json_reply(write_json(*query, bars, options_.answers.label));
  auto result = json_reply(write_csv(*query, bars, options_.answers.label));
  result.content_type = "application/x-download";
  result.headers.emplace_back("Content-Disposition",
                              "attachment; filename=intraday_"
                                  + query->interval_text() + '_' + query->symbol
                                  + ".csv");
  return result;
}

} // namespace tickerflow::sim
