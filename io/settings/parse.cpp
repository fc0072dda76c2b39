#include "io/settings/parse.hpp"

#include "io/settings/dsn.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace tickerflow {

namespace {

bool has_prefix(const std::string& text, std::string_view prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

std::string lower(std::string text) {
  for (auto& c : text)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number result{};
  auto end = text.data() + text.size();
  auto [stop, fault] = std::from_chars(text.data(), end, result);
  if (text.empty() || fault != std::errc{} || stop != end)
    return std::nullopt;
  return result;
}

struct unit {
  std::string_view name;
  std::int64_t ms;
};

constexpr std::array<unit, 6> units{{{"ms", 1},
                                     {"s", 1000},
                                     {"min", 60'000},
                                     {"m", 60'000},
                                     {"h", 3'600'000},
                                     {"d", 86'400'000}}};

std::string span_text(std::chrono::milliseconds x) {
  auto ms = x.count();
  for (auto u : {units[4], units[2], units[1]})
    if (ms != 0 && ms % u.ms == 0)
      return std::to_string(ms / u.ms) + std::string{u.name};
  return std::to_string(ms) + "ms";
}

bool is_host(const std::string& text) {
  return !text.empty() && text.size() <= 253
         && std::all_of(text.begin(), text.end(), [](unsigned char c) {
              return std::isalnum(c) || c == '.' || c == '-' || c == '_'
                     || c == ':';
            });
}

} // namespace

std::string trimmed(const std::string& text) {
  auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> result{""};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == ',')
      result.back() += text[++i];
    else if (text[i] == ',' || text[i] == '\n')
      result.emplace_back();
    else
      result.back() += text[i];
  }
  for (auto& x : result)
    x = trimmed(x);
  result.erase(std::remove(result.begin(), result.end(), ""), result.end());
  return result;
}

std::string join_list(const std::vector<std::string>& items) {
  std::string result;
  for (auto& item : items) {
    if (!result.empty())
      result += ',';
    for (auto c : item) {
      if (c == ',')
        result += '\\';
      result += c;
    }
  }
  return result;
}

std::optional<endpoint> parse_endpoint(const std::string& text) {
  endpoint result;
  auto colon = text.rfind(':');
  if (colon == std::string::npos)
    return std::nullopt;
  auto port = number<std::uint16_t>(std::string_view{text}.substr(colon + 1));
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string::npos)
    return std::nullopt; // an IPv6 address needs brackets to end somewhere
  if (!port || *port == 0 || !is_host(host))
    return std::nullopt;
  return endpoint{host, *port};
}

std::vector<endpoint> parse_brokers(const std::string& text) {
  std::vector<endpoint> result;
  for (auto item : split_list(text)) {
    // librdkafka allows PLAINTEXT://host:port.
    if (auto scheme = item.find("://"); scheme != std::string::npos)
      item = item.substr(scheme + 3);
    auto x = parse_endpoint(item);
    if (!x)
      x = parse_endpoint(item + ":9092");
    if (!x)
      return {};
    result.push_back(*x);
  }
  return result;
}

parser<std::string> any_text() {
  return [](const std::string& x) { return x; };
}

parser<std::string> some_text(const std::string& what) {
  return [what](const std::string& x) -> std::variant<std::string, refusal> {
    if (trimmed(x).empty())
      return refusal{what};
    return x;
  };
}

parser<std::string> one_of(std::vector<std::string> allowed) {
  return [allowed = std::move(allowed)](
             const std::string& x) -> std::variant<std::string, refusal> {
    if (std::find(allowed.begin(), allowed.end(), x) != allowed.end())
      return x;
    std::string text = "one of";
    for (auto& y : allowed)
      text += (&y == &allowed.front() ? " " : ", ") + (y.empty() ? "\"\"" : y);
    return refusal{text};
  };
}

parser<int> whole_number(int least, int most) {
  return [=](const std::string& x) -> std::variant<int, refusal> {
    if (auto n = number<int>(x); n && *n >= least && *n <= most)
      return *n;
    return refusal{"a whole number from " + std::to_string(least) + " to "
                   + std::to_string(most)};
  };
}

parser<bool> yes_or_no() {
  return [](const std::string& x) -> std::variant<bool, refusal> {
    auto word = lower(x);
    if (word == "true" || word == "yes" || word == "on" || word == "1")
      return true;
    if (word == "false" || word == "no" || word == "off" || word == "0")
      return false;
    return refusal{"true or false"};
  };
}

parser<std::chrono::milliseconds> time_span(std::chrono::milliseconds least,
                                            std::chrono::milliseconds most) {
  return [=](const std::string& x)
             -> std::variant<std::chrono::milliseconds, refusal> {
    auto split = x.find_first_not_of("0123456789");
    if (split != std::string::npos) {
      auto count = number<std::int64_t>(std::string_view{x}.substr(0, split));
      auto name = trimmed(x.substr(split));
      for (auto& u : units) {
        if (u.name != name || !count)
          continue;
        // By division, for a product of a large count would overflow.
        if (*count <= most.count() / u.ms && *count * u.ms >= least.count())
          return std::chrono::milliseconds{*count * u.ms};
      }
    }
    return refusal{"a time with its unit (ms, s, min, h, d) from "
                   + span_text(least) + " to " + span_text(most)};
  };
}

parser<std::chrono::minutes> bar_interval() {
  return
      [](const std::string& x) -> std::variant<std::chrono::minutes, refusal> {
        for (auto n : {1, 5, 15, 30})
          if (x == std::to_string(n) + "min")
            return std::chrono::minutes{n};
        std::string text = "one of 1min, 5min, 15min, 30min";
        if (x == "60min" || x == "1h")
          text +=
              " (bars of 60min start on the clock hour, so they mix "
              "pre-market with the first 30 minutes and cannot make windows "
              "anchored at 09:30)";
        return refusal{text};
      };
}

parser<bar_label> label_side() {
  return [](const std::string& x) -> std::variant<bar_label, refusal> {
    if (x == "start")
      return bar_label::start;
    if (x == "end")
      return bar_label::end;
    return refusal{"start or end"};
  };
}

parser<std::vector<std::string>> symbols() {
  return [](const std::string& x)
             -> std::variant<std::vector<std::string>, refusal> {
    std::vector<std::string> result;
    for (auto& item : split_list(x)) {
      for (auto& c : item)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      if (!is_symbol(item))
        return refusal{"symbols between commas, each 1 to 16 of A-Z 0-9 . - ^ "
                       "= (not \""
                       + item + "\")"};
      if (std::find(result.begin(), result.end(), item) == result.end())
        result.push_back(item);
    }
    if (result.empty())
      return refusal{"at least one symbol, for example TSLA,MSFT"};
    return result;
  };
}

parser<std::string> http_url() {
  return [](const std::string& x) -> std::variant<std::string, refusal> {
    for (std::string_view scheme : {"https://", "http://"}) {
      if (!has_prefix(x, scheme))
        continue;
      auto end = x.find_first_of("/?#", scheme.size());
      auto host = x.substr(scheme.size(), end - scheme.size());
      if (host.find('@') != std::string::npos)
        return refusal{"a URL without a name or password in it"};
      if (parse_endpoint(host) || parse_endpoint(host + ":443"))
        return x.back() == '/' ? x.substr(0, x.size() - 1) : x;
    }
    return refusal{"a URL: https://host[:port] or http://host[:port]"};
  };
}

parser<std::string> broker_list() {
  return [](const std::string& x) -> std::variant<std::string, refusal> {
    if (parse_brokers(x).empty())
      return refusal{"host:port, several between commas"};
    return x;
  };
}

parser<std::string> topic_name() {
  return [](const std::string& x) -> std::variant<std::string, refusal> {
    auto legal = [](unsigned char c) {
      return std::isalnum(c) || c == '.' || c == '_' || c == '-';
    };
    if (x.empty() || x.size() > 249 || x == "." || x == ".."
        || !std::all_of(x.begin(), x.end(), legal))
      return refusal{"a topic name: 1 to 249 of a-z A-Z 0-9 . _ -"};
    return x;
  };
}

parser<std::string> postgres_dsn() {
  return [](const std::string& x) -> std::variant<std::string, refusal> {
    if (!x.empty() && !is_dsn(x))
      return refusal{"postgresql://user@host:port/database or host=... "
                     "port=... user=... dbname=..."};
    return x;
  };
}

parser<endpoint> host_and_port() {
  return [](const std::string& x) -> std::variant<endpoint, refusal> {
    if (auto result = parse_endpoint(x))
      return *result;
    return refusal{"host:port with a port from 1 to 65535; an IPv6 address in "
                   "brackets: [::1]:4711"};
  };
}

parser<std::optional<endpoint>> address_or_none() {
  return [](const std::string& x)
             -> std::variant<std::optional<endpoint>, refusal> {
    auto result = parse_endpoint(x);
    if (result || x.empty() || x == "off")
      return result;
    return refusal{"host:port with a port from 1 to 65535, or off"};
  };
}

parser<std::vector<std::string>> text_list() {
  return split_list;
}

parser<std::vector<endpoint>> addresses() {
  return [](const std::string& x) -> std::variant<std::vector<endpoint>,
                                                  refusal> {
    std::vector<endpoint> result;
    for (auto& item : split_list(x)) {
      auto address = parse_endpoint(trimmed(item));
      if (!address)
        return refusal{"host:port with a port from 1 to 65535, several between "
                       "commas; an IPv6 address in brackets: [::1]:4711"};
      result.push_back(std::move(*address));
    }
    if (result.empty())
      return refusal{"host:port, several between commas"};
    return result;
  };
}

parser<std::vector<std::pair<std::string, std::string>>> client_properties() {
  using pairs = std::vector<std::pair<std::string, std::string>>;
  return [](const std::string& x) -> std::variant<pairs, refusal> {
    pairs result;
    for (auto& item : split_list(x)) {
      auto equals = item.find('=');
      if (equals == 0 || equals == std::string::npos)
        return refusal{"name=value between commas, as librdkafka names them; "
                       "write \\, for a comma in a value"};
      result.emplace_back(trimmed(item.substr(0, equals)),
                          trimmed(item.substr(equals + 1)));
    }
    return result;
  };
}

} // namespace tickerflow
