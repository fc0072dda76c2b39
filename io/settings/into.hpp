#pragma once

// Private to the table: parsers' results go into the typed settings.

#include "io/settings/parse.hpp"

namespace tickerflow {

/// Parses into a member of a part of the settings.
template <class Part, class T>
auto into(Part settings::*part, T Part::*member, parser<T> parse) {
  return [=](settings& to, const std::string& text) -> std::optional<refusal> {
    auto result = parse(text);
    if (auto bad = std::get_if<refusal>(&result))
      return *bad;
    to.*part.*member = std::get<T>(std::move(result));
    return std::nullopt;
  };
}

/// Parses into a member of the settings themselves.
template <class T>
auto into(T settings::*member, parser<T> parse) {
  return [=](settings& to, const std::string& text) -> std::optional<refusal> {
    auto result = parse(text);
    if (auto bad = std::get_if<refusal>(&result))
      return *bad;
    to.*member = std::get<T>(std::move(result));
    return std::nullopt;
  };
}

} // namespace tickerflow
