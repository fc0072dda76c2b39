#include "io/simulator/faults.hpp"

#include "io/simulator/random_numbers.hpp"
#include "io/simulator/texts.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace tickerflow::sim {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

struct fault_name {
  fault_kind kind;
  const char* name;
  const char* help;
};

constexpr fault_name names[] = {
    {fault_kind::burst, "burst", "refusal: 1 request per second"},
    {fault_kind::per_minute, "per_minute", "refusal: calls per minute"},
    {fault_kind::daily, "daily", "refusal: requests per day"},
    {fault_kind::daily_names_key, "daily_names_key",
     "the same, with the key in its text"},
    {fault_kind::premium, "premium", "refusal: premium endpoint"},
    {fault_kind::premium_outputsize, "premium_outputsize",
     "refusal: outputsize=full is premium"},
    {fault_kind::invalid_key, "invalid_key", "refusal: key invalid or missing"},
    {fault_kind::demo, "demo", "refusal: demo key"},
    {fault_kind::invalid_call, "invalid_call", "refusal: invalid API call"},
    {fault_kind::unknown_function, "unknown_function",
     "refusal: function does not exist"},
    {fault_kind::empty, "empty", "an empty object"},
    {fault_kind::csv_spelled, "csv_spelled",
     "a refusal spelled into CSV cells"},
    {fault_kind::http_503, "http_503", "status 503 with HTML"},
    {fault_kind::http_500, "http_500", "status 500 with HTML"},
    {fault_kind::http_429, "http_429", "status 429 with Retry-After: 2"},
    {fault_kind::http_406, "http_406", "status 406 with JSON"},
    {fault_kind::html, "html", "status 200 with an HTML page"},
    {fault_kind::truncated, "truncated", "half a body, then the end"},
    {fault_kind::slow, "slow", "slow:MS[:AMOUNT] waits before it answers"},
    {fault_kind::corrected, "corrected",
     "bars that are served wrong for MINUTES (10) after their end"},
    {fault_kind::late, "late",
     "bars that are missing for MINUTES (5) after their end"},
    {fault_kind::gap, "gap", "bars that are never served"},
    {fault_kind::bad, "bad", "bars whose high is below their low"},
};

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
  throw std::invalid_argument("fault \"" + text + "\": " + why);
}

double number(const std::string& text, std::string_view from) {
  double result = 0;
  auto end = from.data() + from.size();
  auto read = std::from_chars(from.data(), end, result);
  if (read.ec != std::errc{} || read.ptr != end || !(result >= 0)
      || result > 1e9)
    refuse(text, "\"" + std::string{from} + "\" is no number of 0 or more");
  return result;
}

void read_amount(fault_rule& rule, const std::string& text,
                 std::string_view amount) {
  auto is_percent = !amount.empty() && amount.back() == '%';
  if (is_percent)
    amount.remove_suffix(1);
  auto value = number(text, amount) / (is_percent ? 100 : 1);
  auto is_probability = is_percent || is_bar_fault(rule.kind)
                        || amount.find('.') != std::string_view::npos;
  if (!is_probability) {
    rule.remaining = static_cast<std::int64_t>(value);
    return;
  }
  if (value > 1)
    refuse(text, "a probability is at most 1 (or 100%)");
  rule.probability = value;
}

std::string short_number(double x) {
  char text[32];
  auto end = std::to_chars(text, text + sizeof text, x).ptr;
  std::string result{text, end};
  // Whole numbers are counts: "1" has to read as a probability again.
  if (result.find('.') == std::string::npos
      && result.find('e') == std::string::npos)
    result += ".0";
  return result;
}

} // namespace

std::string to_string(fault_kind x) {
  for (auto& y : names)
    if (y.kind == x)
      return y.name;
  return "???";
}

bool is_bar_fault(fault_kind x) { return x >= fault_kind::corrected; }

fault_rule parse_fault(const std::string& text) {
  auto parts = split_text(text, ':');
  auto at = parts[0].find('@');
  auto name = parts[0].substr(0, at);
  auto found =
      std::find_if(std::begin(names), std::end(names),
                   [name](const fault_name& x) { return x.name == name; });
  if (found == std::end(names)) {
    std::string all;
    for (auto& x : names)
      all += (all.empty() ? "" : ", ") + std::string{x.name};
    refuse(text, "no such fault; there are " + all);
  }
  fault_rule result;
  result.kind = found->kind;
  if (at != std::string_view::npos)
    result.symbol = to_upper(parts[0].substr(at + 1));
  if (is_bar_fault(result.kind))
    result.probability = 0.05;
  if (result.kind == fault_kind::corrected)
    result.hold = minutes(10);
  if (result.kind == fault_kind::late)
    result.hold = minutes(5);
  if (result.kind == fault_kind::slow) {
    if (parts.size() < 2)
      refuse(text, "needs milliseconds: slow:2000");
    result.wait = milliseconds(std::llround(number(text, parts[1])));
    parts.erase(parts.begin() + 1);
  }
  if (parts.size() > 1)
    read_amount(result, text, parts[1]);
  if (parts.size() > 2) {
    if (result.hold == minutes(0))
      refuse(text, "takes no third part");
    result.hold = minutes(std::llround(number(text, parts[2])));
  }
  if (parts.size() > 3)
    refuse(text, "has too many parts");
  return result;
}

std::string to_string(const fault_rule& x) {
  auto result = to_string(x.kind);
  if (!x.symbol.empty())
    result += '@' + x.symbol;
  if (x.kind == fault_kind::slow)
    result += ':' + std::to_string(x.wait.count());
  result += ':';
  result += x.remaining >= 0 ? std::to_string(x.remaining)
                             : short_number(x.probability);
  if (x.hold.count() > 0)
    result += ':' + std::to_string(x.hold.count() / 60);
  return result;
}

std::string describe_faults() {
  std::string result;
  for (auto& x : names) {
    std::string name{x.name};
    name.resize(std::max<size_t>(name.size(), 20), ' ');
    result += "  " + name + x.help + '\n';
  }
  return result;
}

request_faults fault_board::draw(const std::string& symbol) {
  std::lock_guard guard{mutex_};
  ++draws_;
  request_faults result;
  for (size_t i = 0; i < rules_.size(); ++i) {
    auto& rule = rules_[i];
    if (is_bar_fault(rule.kind) || rule.remaining == 0
        || (!rule.symbol.empty() && rule.symbol != symbol)
        || uniform(random_at(seed_, draws_, i)) >= rule.probability)
      continue;
    auto is_answer =
        rule.kind != fault_kind::slow && rule.kind != fault_kind::truncated;
    if (is_answer && result.answer)
      continue; // one is enough, the other keeps its count
    if (rule.remaining > 0)
      --rule.remaining;
    if (rule.kind == fault_kind::slow)
      result.wait += rule.wait;
    else if (rule.kind == fault_kind::truncated)
      result.truncated = true;
    else
      result.answer = rule.kind;
  }
  return result;
}

void fault_board::replace(std::vector<fault_rule> rules) {
  std::lock_guard guard{mutex_};
  rules_ = std::move(rules);
}

void fault_board::add(std::vector<fault_rule> rules) {
  std::lock_guard guard{mutex_};
  rules_.insert(rules_.end(), rules.begin(), rules.end());
}

std::vector<fault_rule> fault_board::rules() const {
  std::lock_guard guard{mutex_};
  return rules_;
}

} // namespace tickerflow::sim
