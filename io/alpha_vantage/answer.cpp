#include "io/alpha_vantage/answer.hpp"

#include "io/alpha_vantage/http_date.hpp"
#include "io/alpha_vantage/label_guard.hpp"
#include "io/alpha_vantage/refusal.hpp"
#include "io/alpha_vantage/request.hpp"
#include "io/alpha_vantage/rows.hpp"
#include "io/event/event.hpp" // for parse_interval
#include "market/price.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace tickerflow {

namespace {

using headers = std::vector<std::pair<std::string, std::string>>;

// Of an answer that nobody understands: what a dead letter takes.
constexpr size_t longest_text = 8 * 1024;

const std::string* find_header(const headers& all, std::string_view name) {
  for (auto& [key, value] : all)
    if (key.size() == name.size()
        && std::equal(key.begin(), key.end(), name.begin(),
                      [](unsigned char x, unsigned char y) {
                        return std::tolower(x) == std::tolower(y);
                      }))
      return &value;
  return nullptr;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  auto end = text.data() + text.size();
  auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end || text.empty())
    return std::nullopt;
  return value;
}

/// Retry-After is a number of seconds or a date.
std::int64_t retry_after_ms(const headers& all, timestamp now) {
  constexpr std::int64_t longest_s = 24 * 3600;
  auto value = find_header(all, "Retry-After");
  if (!value)
    return 0;
  std::int64_t wait_s = 0;
  if (auto number = parse_integer(*value))
    wait_s = *number;
  else if (auto date = parse_http_date(*value))
    wait_s = (*date - now).count();
  return std::clamp<std::int64_t>(wait_s, 0, longest_s) * 1000;
}

std::string_view without_bom(std::string_view body) {
  constexpr std::string_view bom = "\xEF\xBB\xBF";
  if (body.substr(0, bom.size()) == bom)
    body.remove_prefix(bom.size());
  return body;
}

char first_character(std::string_view body) {
  auto i = body.find_first_not_of(" \t\r\n");
  return i == std::string_view::npos ? '\0' : body[i];
}

/// Reads whole shares; "123.0000" has been seen from other functions.
std::optional<std::int64_t> parse_volume(const std::string& text) {
  if (auto whole = parse_integer(text))
    return whole;
  auto scaled = parse_e4(text);
  if (!scaled || *scaled % price_scale != 0)
    return std::nullopt;
  return *scaled / price_scale;
}

std::string as_line(const alpha_vantage::row& x) {
  return x.label + ',' + x.open + ',' + x.high + ',' + x.low + ',' + x.close
         + ',' + x.volume;
}

/// @returns what is wrong with the row; empty: `result` is filled, its start
///          is what the label says
std::string read_row(bar& result, const alpha_vantage::row& x,
                     const std::string& zone) {
  auto start = parse_wall_time(x.label, zone);
  if (!start)
    return "no time in " + zone;
  result.start = *start;
  for (auto [text, field] :
       {std::pair{&x.open, &result.open_e4},
        std::pair{&x.high, &result.high_e4}, std::pair{&x.low, &result.low_e4},
        std::pair{&x.close, &result.close_e4}}) {
    auto price = parse_e4(*text);
    if (!price)
      return "a price is no number";
    *field = *price;
  }
  auto volume = parse_volume(x.volume);
  if (!volume || *volume < 0) // -1 would read as "none was given"
    return "the volume is no whole number";
  result.volume_shares = *volume;
  auto fault = check(result);
  return fault == bar_fault::none ? std::string{}
                                  : std::string{to_string(fault)};
}

void read_rows(parsed_answer& result, const alpha_vantage::table& series,
               const answer_options& options) {
  auto& bars = result.answer.bars;
  auto zone = series.zone.empty() ? options.zone : series.zone;
  auto reject = [&](const std::string& reason, const std::string& line) {
    result.answer.rejected.push_back(
        without_key(reason + ": " + line, options.key));
  };
  for (auto& x : series.rows) {
    bar value;
    value.symbol = options.symbol;
    value.interval = options.interval;
    if (auto fault = read_row(value, x, zone); !fault.empty())
      reject(fault, as_line(x));
    else
      bars.push_back(std::move(value));
  }
  for (auto& line : series.broken)
    reject("not six cells", line);
  std::stable_sort(bars.begin(), bars.end(), [](const bar& x, const bar& y) {
    return x.start < y.start;
  });
  bars.erase(std::unique(
                 bars.begin(), bars.end(),
                 [](const bar& x, const bar& y) { return x.start == y.start; }),
             bars.end());
  if (zone == "US/Eastern" || zone == "America/New_York") {
    std::vector<timestamp> labels;
    for (auto& x : bars)
      labels.push_back(x.start);
    if (auto proven = proven_label(labels, options.interval, nyse()))
      result.label = *proven;
  }
  if (result.label == bar_label::end)
    for (auto& x : bars)
      x.start -= options.interval;
}

/// Gives a body without bars its class and the words that say why.
api_refusal refuse(std::string_view body, unsigned status,
                   const alpha_vantage::body_content& content,
                   std::optional<refusal_class> by_words) {
  auto by_status = classify_status(status);
  auto kind = by_words ? *by_words : by_status.value_or(refusal_class::unknown);
  api_refusal result;
  result.text = content.refusal;
  auto first = first_character(body);
  if (!by_words && !by_status) {
    if (content.is_empty_object) {
      kind = refusal_class::no_bars;
      result.text = "the answer is an empty object";
    } else if (first == '\0') {
      kind = refusal_class::unavailable;
      result.text = "the answer is empty";
    } else if (first == '<') {
      kind = refusal_class::unavailable;
      result.text = "the answer is a page of HTML";
    } else if (first == '{' && !content.is_json) {
      kind = refusal_class::unavailable;
      result.text = "the answer is cut: its JSON does not end";
    }
  }
  // A page of a gateway that shuts us out is no word about the key.
  if (kind == refusal_class::bad_key && !by_words && first == '<')
    kind = refusal_class::unavailable;
  if (status != 200) {
    auto words = result.text;
    result.text = "HTTP status " + std::to_string(status);
    if (!words.empty())
      result.text += ": " + words;
  }
  if (result.text.empty() || kind == refusal_class::unknown)
    result.text = std::string{body.substr(0, longest_text)};
  result.kind = static_cast<std::uint8_t>(kind);
  return result;
}

} // namespace

parsed_answer parse_answer(const std::string& body, unsigned status,
                           const headers& all, const answer_options& options) {
  parsed_answer result;
  result.label = options.label;
  result.answer.source_now = options.received_at;
  if (auto text = find_header(all, "Date"))
    if (auto date = parse_http_date(*text))
      result.answer.source_now = *date;
  auto plain = without_bom(body);
  alpha_vantage::body_content content;
  if (auto csv = alpha_vantage::read_csv(plain))
    content.series = std::move(csv);
  else
    content = alpha_vantage::read_json(plain);
  auto refuse_with = [&](api_refusal x) {
    x.symbol = options.symbol;
    x.retry_after_ms = retry_after_ms(all, result.answer.source_now);
    x.text = without_key(std::move(x.text), options.key);
    result.refusal = std::move(x);
  };
  auto kind = [](refusal_class x) { return static_cast<std::uint8_t>(x); };
  // Words beside a series are notes, not refusals.
  if (!content.series || status != 200) {
    refuse_with(
        refuse(plain, status, content, classify_refusal(content.refusal)));
    return result;
  }
  auto& series = *content.series;
  if (!series.interval.empty()
      && parse_interval(series.interval) != options.interval) {
    refuse_with({{},
                 kind(refusal_class::unknown),
                 0,
                 "the answer is of interval " + series.interval
                     + ", which was not asked for"});
    return result;
  }
  result.answer.delayed = series.delayed;
  read_rows(result, series, options);
  if (!result.answer.bars.empty())
    return result;
  auto is_empty = series.rows.empty() && series.broken.empty();
  // A refusal can be spelled into cells: a table without one good row is none.
  auto refusal =
      refuse(plain, status, content, classify_refusal(content.refusal));
  if (is_empty && content.refusal.empty()) {
    refusal.kind = kind(refusal_class::no_bars);
    refusal.text = "the answer has no bars";
  }
  result.answer.rejected.clear();
  refuse_with(std::move(refusal));
  return result;
}

} // namespace tickerflow
