// The part of the service under /sim/: looking at the simulation, changing it.
#include "io/simulator/service.hpp"

#include "io/simulator/texts.hpp"

#include <nlohmann/json.hpp>

namespace tickerflow::sim {

namespace {

using nlohmann::json;

std::string write(const json& x) {
  return x.dump(2, ' ', false, json::error_handler_t::replace) + '\n';
}

/// A key may be a real one, set by mistake: show only what tells keys apart.
std::string masked(const std::string& key) {
  return key.size() < 4 ? "***" : key.substr(0, 2) + "***";
}

json to_json(const call_counts& x) {
  return {{"key", masked(x.key)},
          {"calls", x.calls},
          {"refused", x.refused},
          {"this_minute", x.this_minute},
          {"today", x.today}};
}

json to_json(const std::vector<fault_rule>& rules) {
  auto result = json::array();
  for (auto& x : rules)
    result.push_back(to_string(x));
  return result;
}

json to_json(const plain_bar& x) {
  return {{"start", format_rfc3339(x.start)},
          {"open_e4", x.open_e4},
          {"high_e4", x.high_e4},
          {"low_e4", x.low_e4},
          {"close_e4", x.close_e4},
          {"volume_shares", x.volume_shares}};
}

} // namespace

http_reply bad_request(const std::string& why) {
  return json_reply(write({{"error", why}}), 400);
}

http_reply service::answer_state(const parameters& values) const {
  auto now = date::floor<std::chrono::seconds>(clock_.now());
  auto wall = std::chrono::system_clock::now();
  std::string local;
  wall_time_writer{}.append(local, now);
  auto keys = json::array();
  if (auto key = values.find("apikey"); key != values.end())
    keys.push_back(to_json(limits_.of(key->second, wall)));
  else
    for (auto& x : limits_.all(wall))
      keys.push_back(to_json(x));
  return json_reply(write({{"now", format_rfc3339(now)},
                           {"exchange_time", local},
                           {"speed", clock_.speed()},
                           {"seed", options_.seed},
                           {"requests", requests_.load()},
                           {"refusals", refusals_.load()},
                           {"recorded", market_.recorded().symbols()},
                           {"faults", to_json(faults_.rules())},
                           {"keys", keys}}));
}

http_reply service::answer_truth(const parameters& values) const {
  auto with_default = values;
  with_default.emplace("interval", "5min");
  auto query = parse_query(with_default);
  if (!query || !market_.knows(query->symbol))
    return bad_request("the symbol is missing or unknown, or another parameter "
                       "has a value that /query does not allow either");
  auto now = date::floor<std::chrono::seconds>(clock_.now());
  auto last = exchange_date(now);
  auto first = last - date::days(30);
  if (query->month) {
    first = date::sys_days{*query->month / 1};
    last = date::sys_days{*query->month / date::last};
  }
  for (auto [name, date] : {std::pair{"from", &first}, {"to", &last}}) {
    auto i = values.find(name);
    if (i == values.end())
      continue;
    auto given = parse_date(i->second);
    if (!given)
      return bad_request(std::string{name} + " is no date such as 2020-11-02");
    *date = *given;
  }
  if (last - first > date::days(366))
    return bad_request("more than a year: give from= and to= closer together");
  bar_faults faults{faults_.rules(), options_.seed};
  json result{{"symbol", query->symbol},
              {"interval", query->interval_text()},
              {"now", format_rfc3339(now)},
              {"bars", json::array()}};
  for (auto kind : {fault_kind::gap, fault_kind::bad, fault_kind::corrected,
                    fault_kind::late})
    result[to_string(kind)] = json::array();
  for (auto& x : true_bars(market_, *query, first, last, now)) {
    auto fault = faults.fault_of(query->symbol, query->interval, x.start);
    if (fault)
      result[to_string(fault->kind)].push_back(format_rfc3339(x.start));
    if (!fault
        || (fault->kind != fault_kind::gap && fault->kind != fault_kind::bad))
      result["bars"].push_back(to_json(x));
  }
  return json_reply(write(result));
}

http_reply service::list_faults() const {
  return json_reply(write({{"faults", to_json(faults_.rules())}}));
}

http_reply service::change_faults(const http_request& request) {
  auto body = json::parse(request.body, nullptr, false);
  auto is_addition = body.is_object() && body.contains("add");
  if (body.is_object())
    body = body.value(is_addition ? "add" : "faults", json());
  if (!body.is_array())
    return bad_request("the body is no JSON list of faults such as "
                       "[\"http_503:2\", \"late:0.1\"]; {\"add\": [...]} "
                       "keeps those that are on");
  std::vector<fault_rule> rules;
  for (auto& x : body) {
    if (!x.is_string())
      return bad_request("a fault is a text such as \"http_503:2\"");
    try {
      rules.push_back(parse_fault(x.get<std::string>()));
    } catch (const std::invalid_argument& reason) {
      return bad_request(reason.what());
    }
  }
  if (is_addition)
    faults_.add(std::move(rules));
  else
    faults_.replace(std::move(rules));
  return list_faults();
}

http_reply service::change_clock(const http_request& request) {
  auto body = json::parse(request.body, nullptr, false);
  auto wrong = bad_request("the body is not {\"now\": \"2020-11-02 09:35\", "
                           "\"speed\": 60}; one of both is enough, speed is "
                           "0 (still) to 100000");
  if (!body.is_object() || !(body.contains("now") || body.contains("speed")))
    return wrong;
  std::optional<timestamp> now;
  if (body.contains("now")) {
    if (body["now"].is_string())
      now = parse_instant(body["now"].get<std::string>());
    if (!now)
      return wrong;
  }
  if (body.contains("speed")) {
    auto& speed = body["speed"];
    if (!speed.is_number() || !(speed.get<double>() >= 0)
        || speed.get<double>() > fastest_clock)
      return wrong;
    clock_.set_speed(speed.get<double>());
  }
  if (now)
    clock_.set_now(*now);
  return answer_state({});
}

} // namespace tickerflow::sim
