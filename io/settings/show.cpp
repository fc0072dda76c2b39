#include "io/settings/show.hpp"

#include "io/settings/declaration.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace tickerflow {

namespace {

std::string source_name(setting_origin::source x) {
  switch (x) {
    case setting_origin::source::built_in: return "default";
    case setting_origin::source::file: return "file";
    case setting_origin::source::dotenv: return "dotenv";
    case setting_origin::source::environment: return "environment";
    case setting_origin::source::flag: return "flag";
  }
  return "???";
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string shown(const setting_value& x) {
  auto text = masked(*x.declared, x.text);
  return text.empty() ? "(none)" : text;
}

} // namespace

std::string show_text(const settings& x) {
  constexpr std::size_t widest = 44; // a long value moves only its own line
  std::size_t keys = 0;
  std::size_t values = 0;
  for (auto& value : x.values) {
    keys = std::max(keys, value.declared->key.size());
    if (auto size = shown(value).size(); size <= widest)
      values = std::max(values, size);
  }
  std::string result;
  std::string group;
  for (auto& value : x.values) {
    if (value.declared->group != group) {
      group = value.declared->group;
      result += (result.empty() ? "" : "\n") + group + '\n';
    }
    result += "  " + padded(value.declared->key, keys) + "  "
              + padded(shown(value), values) + "  " + to_string(value.origin)
              + '\n';
  }
  for (auto& note : x.notes)
    result += "\nnote: " + note + '\n';
  return result;
}

std::string show_json(const settings& x) {
  auto rows = nlohmann::json::array();
  for (auto& value : x.values) {
    auto text = masked(*value.declared, value.text);
    rows.push_back({{"key", value.declared->key},
                    {"group", value.declared->group},
                    {"value", text},
                    {"secret", text != value.text},
                    {"source", source_name(value.origin.from)},
                    {"place", value.origin.place}});
  }
  return nlohmann::json{{"settings", rows}, {"notes", x.notes}}.dump(
      2, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace tickerflow
