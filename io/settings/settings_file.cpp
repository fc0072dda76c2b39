#include "io/settings/declaration.hpp"
#include "io/settings/parse.hpp"
#include "io/settings/sources.hpp"
#include "io/settings/suggest.hpp"

#include <nlohmann/json.hpp>

#include <set>

namespace tickerflow {

namespace {

using nlohmann::json;

/// @returns the value as a flag would give it; nothing if it is no such value
std::optional<std::string> text_of_value(const setting& x, const json& value) {
  if (value.is_string())
    return value.get<std::string>();
  if (value.is_boolean())
    return value.get<bool>() ? "true" : "false";
  // As written: 1e3 or 5.0 is no whole number, which the parser will say.
  if (value.is_number())
    return value.dump();
  std::vector<std::string> items;
  if (value.is_array()
      && (x.kind == value_kind::list || x.kind == value_kind::properties)) {
    for (auto& item : value) {
      if (!item.is_string())
        return std::nullopt;
      items.push_back(item.get<std::string>());
    }
    return join_list(items);
  }
  if (value.is_object() && x.kind == value_kind::properties) {
    for (auto& [name, item] : value.items()) {
      auto text = text_of_value(x, item);
      if (!text || item.is_structured())
        return std::nullopt;
      items.push_back(name + '=' + *text);
    }
    return join_list(items);
  }
  return std::nullopt;
}

std::string allowed_form(const setting& x) {
  if (x.kind == value_kind::properties)
    return "a text, an array of texts or an object with texts";
  return x.kind == value_kind::list ? "a text or an array of texts"
                                    : "one text, number, true or false";
}

bool others_can_read(const std::filesystem::path& path) {
  using std::filesystem::perms;
  std::error_code fault;
  auto status = std::filesystem::status(path, fault);
  return !fault && (status.permissions() & perms::others_read) != perms::none;
}

} // namespace

source_content read_settings_file(const std::filesystem::path& path) {
  source_content result;
  auto place = path.string();
  auto fault = [&](const std::string& text) {
    result.faults.push_back("file " + place + ": " + text);
  };
  auto text = read_text_file(path);
  if (!text) {
    fault("cannot be read: check the name and that this user may read it");
    return result;
  }
  // The parser keeps the last of two equal keys and says nothing: watch them.
  std::set<std::string> seen;
  auto watch = [&](int depth, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::key && depth == 1
        && !seen.insert(value.get<std::string>()).second)
      fault(value.get<std::string>() + " stands there twice: leave one");
    return true;
  };
  json content;
  try {
    content = json::parse(*text, watch, true, true);
  } catch (const json::parse_error& x) {
    // Its text quotes the last token read, which can be a secret.
    std::string what = x.what();
    auto from = what.find("at line");
    auto to = what.find(':', from == std::string::npos ? 0 : from);
    fault("is not JSON"
          + (from == std::string::npos ? std::string{}
                                       : ' ' + what.substr(from, to - from)));
    return result;
  }
  if (!content.is_object()) {
    fault("must be one JSON object: {\"tickers\": \"TSLA,MSFT\"}");
    return result;
  }
  std::vector<std::string> keys;
  for (auto& x : setting_table())
    keys.push_back(x.key);
  auto has_secret = false;
  for (auto& [key, value] : content.items()) {
    auto x = find_setting(key);
    if (x == nullptr) {
      fault("there is no setting \"" + key + "\"" + did_you_mean(key, keys));
      continue;
    }
    auto written = text_of_value(*x, value);
    if (!written) {
      fault(key + " must be " + allowed_form(*x));
      continue;
    }
    has_secret = has_secret || masked(*x, *written) != *written;
    result.by_key[key] = {*written, {setting_origin::source::file, place}};
  }
  if (has_secret && others_can_read(path))
    result.notes.push_back("file " + place
                           + " holds a secret and every user can read it: "
                             "chmod 600 "
                           + place);
  return result;
}

} // namespace tickerflow
