#include "io/alpha_vantage/rows.hpp"

#include <nlohmann/json.hpp>

namespace tickerflow::alpha_vantage {

namespace {

using nlohmann::json;

/// @returns the part of "4. Interval" behind the number, for the numbers have
///          changed between functions and years
std::string_view field_name(std::string_view key) {
  auto dot = key.find(". ");
  return dot == std::string_view::npos ? key : key.substr(dot + 2);
}

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

/// All values are strings in every recording; numbers are taken as well.
std::string text_of(const json& x) {
  if (x.is_string())
    return x.get_ref<const std::string&>();
  return x.is_number() ? x.dump() : std::string{};
}

void read_meta(table& result, const json& meta) {
  for (auto& [key, value] : meta.items()) {
    auto name = field_name(key);
    auto text = text_of(value);
    if (name == "Time Zone")
      result.zone = text;
    else if (name == "Interval")
      result.interval = text;
    else if (name == "Information" && text.find("DELAYED") != std::string::npos)
      result.delayed = true;
  }
}

void read_series(table& result, const json& series) {
  for (auto& [label, values] : series.items()) {
    row x;
    x.label = label;
    if (values.is_object())
      for (auto& [key, value] : values.items()) {
        auto name = field_name(key);
        if (name == "open")
          x.open = text_of(value);
        else if (name == "high")
          x.high = text_of(value);
        else if (name == "low")
          x.low = text_of(value);
        else if (name == "close")
          x.close = text_of(value);
        else if (name == "volume")
          x.volume = text_of(value);
      }
    result.rows.push_back(std::move(x));
  }
}

} // namespace

body_content read_json(std::string_view body) {
  body_content result;
  auto root = json::parse(body.begin(), body.end(), nullptr, false);
  if (root.is_discarded())
    return result;
  result.is_json = true;
  if (!root.is_object())
    return result;
  result.is_empty_object = root.empty();
  for (auto& [key, value] : root.items()) {
    // Never the whole key: " - DATA DELAYED BY 15 MINUTES" can follow.
    if (starts_with(key, "Time Series (") && value.is_object()) {
      if (!result.series)
        result.series.emplace();
      if (key.find("DELAYED") != std::string::npos)
        result.series->delayed = true;
      read_series(*result.series, value);
    } else if (starts_with(key, "Meta Data") && value.is_object()) {
      if (!result.series)
        result.series.emplace();
      read_meta(*result.series, value);
    } else if (value.is_string()
               && (key == "Information" || key == "Note"
                   || key == "Error Message" || key == "message"
                   || key == "detail")) {
      if (!result.refusal.empty())
        result.refusal += ' ';
      result.refusal += value.get_ref<const std::string&>();
    }
  }
  return result;
}

} // namespace tickerflow::alpha_vantage
