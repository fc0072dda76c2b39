#include "io/simulator/intraday_query.hpp"

#include "io/simulator/texts.hpp"

namespace tickerflow::sim {

namespace {

/// Takes one of two words; the default for a missing one.
/// @returns whether the value is allowed
bool choose(const std::string& value, const char* no, const char* yes,
            bool& result) {
  if (value.empty())
    return true;
  result = value == yes;
  return result || value == no;
}

std::optional<date::year_month> parse_month(const std::string& text) {
  if (text.size() != 7)
    return std::nullopt;
  auto day = parse_date(text + "-01");
  if (!day)
    return std::nullopt;
  date::year_month_day x{*day};
  if (x.year() < date::year{2000})
    return std::nullopt;
  return x.year() / x.month();
}

} // namespace

std::optional<intraday_query>
parse_query(const std::map<std::string, std::string>& parameters) {
  auto value = [&parameters](const char* name) {
    auto i = parameters.find(name);
    return i == parameters.end() ? std::string{} : i->second;
  };
  intraday_query result;
  result.typed_symbol = value("symbol");
  result.symbol = to_upper(result.typed_symbol);
  if (!is_symbol(result.symbol))
    return std::nullopt;

  auto interval = value("interval");
  auto known = false;
  for (auto width : {1, 5, 15, 30, 60})
    if (interval == std::to_string(width) + "min") {
      result.interval = std::chrono::minutes(width);
      known = true;
    }
  if (!known || !choose(value("outputsize"), "compact", "full", result.full)
      || !choose(value("datatype"), "json", "csv", result.csv)
      || !choose(value("extended_hours"), "false", "true",
                 result.extended_hours)
      || !choose(value("adjusted"), "false", "true", result.adjusted))
    return std::nullopt;

  result.entitlement = value("entitlement");
  if (!result.entitlement.empty() && result.entitlement != "delayed"
      && result.entitlement != "realtime")
    return std::nullopt;
  if (auto month = value("month"); !month.empty()) {
    result.month = parse_month(month);
    if (!result.month)
      return std::nullopt;
  }
  return result;
}

} // namespace tickerflow::sim
