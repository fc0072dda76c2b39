#include "io/alpha_vantage/intraday.hpp"

#include "io/alpha_vantage/refusals.hpp"
#include "market/price.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <ctime>

namespace tickerflow {

namespace {

using nlohmann::json;

constexpr auto exchange_zone = "America/New_York";
constexpr std::string_view csv_header = "timestamp,open,high,low,close,volume";

void append_escaped(std::string& out, std::string_view text) {
  constexpr auto hex = "0123456789ABCDEF";
  for (unsigned char c : text) {
    if (std::isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += static_cast<char>(c);
      continue;
    }
    out += '%';
    out += hex[c >> 4];
    out += hex[c & 15];
  }
}

/// One row as read: its fields are text in every dialect.
struct row {
  std::string_view label;
  std::string_view open, high, low, close, volume;
};

/// @returns why the row cannot be used, empty if it can
std::string read_row(const row& x, const std::string& zone, bar& out) {
  auto time = parse_wall_time(x.label, zone);
  if (!time)
    return "time " + std::string{x.label};
  out.start = *time;
  std::int64_t* to[] = {&out.open_e4, &out.high_e4, &out.low_e4, &out.close_e4};
  std::string_view from[] = {x.open, x.high, x.low, x.close};
  for (size_t i = 0; i < 4; ++i) {
    auto price = parse_e4(from[i]);
    if (!price)
      return "price " + std::string{from[i]};
    *to[i] = *price;
  }
  auto volume = parse_e4(x.volume);
  if (!volume)
    return "volume " + std::string{x.volume};
  out.volume_shares = *volume / price_scale;
  if (auto fault = check(out); fault != bar_fault::none)
    return std::string{to_string(fault)};
  return {};
}

void take_row(const row& x, const std::string& zone,
              const intraday_request& request, intraday_answer& out) {
  bar b;
  b.symbol = request.symbol;
  b.interval = request.interval;
  auto fault = read_row(x, zone, b);
  if (fault.empty())
    out.bars.push_back(std::move(b));
  else
    out.rejected.push_back(std::string{x.label} + "," + std::string{x.open}
                           + "," + std::string{x.high} + ","
                           + std::string{x.low} + "," + std::string{x.close}
                           + "," + std::string{x.volume} + ": " + fault);
}

/// Sorts, and makes labels starts. A label 20:00, which no bar can start at,
/// shows that they are ends whatever the setting says.
void finish(intraday_answer& x, bar_label label,
            const intraday_request& request) {
  std::sort(x.bars.begin(), x.bars.end(),
            [](auto& a, auto& b) { return a.start < b.start; });
  auto ends = label == bar_label::end
              || std::any_of(x.bars.begin(), x.bars.end(), [](auto& b) {
                   return format_wall_time(b.start, exchange_zone).substr(11)
                          == "20:00:00";
                 });
  if (ends)
    for (auto& b : x.bars)
      b.start -= request.interval;
}

/// @returns the member whose key is `name` behind its number, "6. Time Zone"
std::string meta(const json& x, std::string_view name) {
  for (auto& [key, value] : x.items()) {
    auto dot = key.find(". ");
    if (dot != std::string::npos && key.substr(dot + 2) == name
        && value.is_string())
      return value.get<std::string>();
  }
  return {};
}

std::string_view text_in(const json& x, std::string_view name) {
  for (auto& [key, value] : x.items())
    if (key.size() > name.size() && value.is_string()
        && key.compare(key.size() - name.size(), name.size(), name) == 0)
      return value.get_ref<const std::string&>();
  return {};
}

using result_type = std::variant<intraday_answer, intraday_refusal>;

result_type read_series(const json& root, const json& series,
                        const intraday_request& request,
                        const intraday_options& options) {
  intraday_answer result;
  auto about = root.find("Meta Data");
  std::string zone = exchange_zone;
  if (about != root.end() && about->is_object()) {
    if (auto named = meta(*about, "Time Zone"); !named.empty())
      zone = named;
    result.delayed =
        meta(*about, "Information").find("DELAYED") != std::string::npos;
  }
  for (auto& [label, values] : series.items()) {
    if (!values.is_object()) {
      result.rejected.push_back(label + ": not an object");
      continue;
    }
    take_row({label, text_in(values, "open"), text_in(values, "high"),
              text_in(values, "low"), text_in(values, "close"),
              text_in(values, "volume")},
             zone, request, result);
  }
  if (result.bars.empty() && result.rejected.empty())
    return intraday_refusal{refusal_class::no_bars, "a series without bars"};
  finish(result, options.label, request);
  return result;
}

result_type read_json(const json& root, std::string_view body,
                      const intraday_request& request,
                      const intraday_options& options) {
  if (root.is_object()) {
    for (auto& [key, value] : root.items())
      if (key.rfind("Time Series (", 0) == 0 && value.is_object())
        return read_series(root, value, request, options);
    if (root.empty())
      return intraday_refusal{refusal_class::no_bars, "an empty object"};
    for (auto key : {"Information", "Note", "Error Message", "message"}) {
      auto words = root.find(key);
      if (words == root.end() || !words->is_string())
        continue;
      auto text = words->get<std::string>();
      return intraday_refusal{classify_refusal(text),
                              redact_key(text, options.key)};
    }
  }
  return intraday_refusal{
      refusal_class::unknown,
      redact_key(std::string{body.substr(0, 400)}, options.key)};
}

std::string_view next_line(std::string_view& text) {
  auto end = std::min(text.find('\n'), text.size());
  auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (!line.empty() && line.back() == '\r')
    line.remove_suffix(1);
  return line;
}

result_type read_csv(std::string_view body, const intraday_request& request,
                     const intraday_options& options) {
  intraday_answer result;
  std::string letters; // a refusal may be spelled, one letter a cell
  while (!body.empty()) {
    auto line = next_line(body);
    if (line.empty())
      continue;
    std::string_view cells[6];
    size_t count = 0;
    for (auto rest = line;; ++count) {
      auto comma = rest.find(',');
      if (count < 6)
        cells[count] = rest.substr(0, comma);
      if (comma == std::string_view::npos)
        break;
      rest.remove_prefix(comma + 1);
    }
    for (auto c : line)
      if (c != ',')
        letters += c;
    if (count != 5) {
      result.rejected.push_back(std::string{line} + ": not six fields");
      continue;
    }
    take_row({cells[0], cells[1], cells[2], cells[3], cells[4], cells[5]},
             exchange_zone, request, result);
  }
  if (result.bars.empty()) {
    auto kind = classify_refusal(letters);
    if (kind != refusal_class::unknown)
      return intraday_refusal{kind, redact_key(letters, options.key)};
    if (result.rejected.empty())
      return intraday_refusal{refusal_class::no_bars, "a table without rows"};
  }
  finish(result, options.label, request);
  return result;
}

} // namespace

std::string intraday_target(const intraday_request& x,
                            const intraday_options& options) {
  std::string result = "/query?function=TIME_SERIES_INTRADAY&symbol=";
  append_escaped(result, x.symbol);
  result += "&interval=" + std::to_string(x.interval.count() / 60) + "min";
  // Adjusted bars of different days do not join after a split or dividend.
  result += "&adjusted=false&datatype=json";
  result +=
      options.extended_hours ? "&extended_hours=true" : "&extended_hours=false";
  result +=
      x.full || !x.month.empty() ? "&outputsize=full" : "&outputsize=compact";
  if (!x.month.empty())
    result += "&month=" + x.month;
  if (!options.entitlement.empty())
    result += "&entitlement=" + options.entitlement;
  result += "&apikey=";
  append_escaped(result, options.key);
  return result;
}

std::optional<timestamp> parse_http_date(const std::string& text) {
  std::tm parts{};
  // Not locale-dependent here: the program stays in the C locale.
  if (!strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts))
    return std::nullopt;
  return timestamp{std::chrono::seconds{timegm(&parts)}};
}

std::variant<intraday_answer, intraday_refusal>
read_intraday(std::string_view body, int status,
              const std::map<std::string, std::string>& headers,
              const intraday_request& request, const intraday_options& options,
              timestamp local_now) {
  if (auto refused = refusal_of_status(status, body, headers, options.key))
    return *refused;
  if (body.substr(0, 3) == "\xef\xbb\xbf")
    body.remove_prefix(3);
  result_type result = intraday_refusal{};
  auto root = json::parse(body, nullptr, false);
  if (!root.is_discarded()) {
    result = read_json(root, body, request, options);
  } else if (auto rest = body; next_line(rest) == csv_header) {
    result = read_csv(rest, request, options);
  } else {
    auto first = body.find_first_not_of(" \t\r\n");
    auto broken = first != std::string_view::npos
                  && (body[first] == '{' || body[first] == '<');
    // Cut off, or a page of some proxy: the next call may be answered.
    result = intraday_refusal{
        broken ? refusal_class::unavailable : refusal_class::unknown,
        "neither JSON nor CSV: "
            + redact_key(std::string{body.substr(0, 200)}, options.key)};
  }
  if (auto answer = std::get_if<intraday_answer>(&result)) {
    auto date = headers.find("date");
    auto told =
        date == headers.end() ? std::nullopt : parse_http_date(date->second);
    answer->source_now = told.value_or(local_now);
    for (auto& x : answer->rejected)
      x = redact_key(x, options.key);
  }
  return result;
}

} // namespace tickerflow
