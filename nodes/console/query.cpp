#include "nodes/console/query.hpp"

#include "market/exchange_time.hpp"

#include <algorithm>
#include <charconv>

namespace tickerflow::console {

namespace {

std::string name_of(std::string_view x) {
  return "the parameter " + std::string{x};
}

} // namespace

std::optional<std::int64_t> whole_number_in(std::string_view text) {
  std::int64_t result = 0;
  auto end = text.data() + text.size();
  auto [stop, code] = std::from_chars(text.data(), end, result);
  if (code != std::errc{} || stop != end || text.empty())
    return std::nullopt;
  return result;
}

query::query(std::string_view text,
             std::initializer_list<std::string_view> known) {
  auto fields = query_fields(text);
  if (!fields)
    throw bad_request("the query is not percent-encoded as it has to be");
  fields_ = std::move(*fields);
  for (auto& [name, value] : fields_) {
    if (!is_text(name) || !is_text(value))
      throw bad_request("a parameter is no UTF-8, or has a NUL in it");
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw bad_request("there is no parameter " + name + " here");
    if (std::count_if(fields_.begin(), fields_.end(),
                      [&, &key = name](auto& x) { return x.first == key; })
        > 1)
      throw bad_request(name_of(name) + " was given twice");
  }
}

const std::string* query::find(std::string_view name) const {
  for (auto& [key, value] : fields_)
    if (key == name)
      return &value;
  return nullptr;
}

std::string query::text(std::string_view name, std::size_t longest) const {
  auto value = find(name);
  if (!value)
    return {};
  auto letters = std::count_if(value->begin(), value->end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  });
  if (static_cast<std::size_t>(letters) > longest)
    throw bad_request(name_of(name) + " is longer than "
                      + std::to_string(longest));
  return *value;
}

std::string query::word(std::string_view name,
                        std::initializer_list<std::string_view> words) const {
  auto value = find(name);
  if (!value)
    return std::string{*words.begin()};
  if (std::find(words.begin(), words.end(), *value) != words.end())
    return *value;
  std::string all;
  for (auto x : words)
    if (!x.empty())
      all += (all.empty() ? "" : ", ") + std::string{x};
  throw bad_request(name_of(name) + " has to be one of " + all);
}

std::optional<std::int64_t> query::number(std::string_view name,
                                          std::int64_t least,
                                          std::int64_t most) const {
  auto value = find(name);
  if (!value)
    return std::nullopt;
  auto result = whole_number_in(*value);
  if (!result || *result < least || *result > most)
    throw bad_request(name_of(name) + " has to be a whole number from "
                      + std::to_string(least) + " to " + std::to_string(most));
  return result;
}

std::optional<timestamp> query::instant(std::string_view name) const {
  auto value = find(name);
  if (!value)
    return std::nullopt;
  auto text = *value;
  std::replace(text.begin(), text.end(), 't', 'T');
  if (auto result = parse_rfc3339(text))
    return result;
  throw bad_request(name_of(name)
                    + " has to be like 2026-05-15T13:30:00Z, with an offset");
}

std::size_t query::limit(std::size_t usual, std::size_t most) const {
  auto result = number("limit", 1, static_cast<std::int64_t>(most));
  return result ? static_cast<std::size_t>(*result) : usual;
}

std::string cursor_of(const std::vector<std::string>& parts) {
  constexpr char digits[] = "0123456789abcdef";
  std::string result;
  for (auto& x : parts) {
    if (!result.empty())
      result += '.';
    result += 'x';
    for (unsigned char c : x) {
      result += digits[c >> 4];
      result += digits[c & 15];
    }
  }
  return result;
}

std::optional<std::vector<std::string>> query::cursor(std::size_t parts) const {
  auto value = find("cursor");
  if (!value)
    return std::nullopt;
  std::vector<std::string> result;
  std::string_view rest = *value;
  while (!rest.empty() && rest.front() == 'x') {
    auto part = rest.substr(1, rest.find('.') - 1);
    rest.remove_prefix(std::min(rest.size(), part.size() + 2));
    std::string coded;
    for (std::size_t i = 0; i + 1 < part.size(); i += 2)
      coded += '%' + std::string{part.substr(i, 2)};
    auto text = percent_decoded(coded, false);
    if (!text || part.size() % 2 != 0)
      break;
    result.push_back(std::move(*text));
  }
  if (result.size() != parts || !rest.empty())
    throw not_found("there is no such place in the list: leave cursor out to "
                    "begin anew");
  return result;
}

} // namespace tickerflow::console
