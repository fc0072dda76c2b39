#include "io/settings/flags.hpp"

#include <CLI/CLI.hpp>

namespace tickerflow {

namespace {

std::string type_name(value_kind x) {
  switch (x) {
    case value_kind::integer: return "N";
    case value_kind::duration: return "TIME";
    case value_kind::list: return "LIST";
    case value_kind::address: return "HOST:PORT";
    case value_kind::url: return "URL";
    case value_kind::dsn: return "DSN";
    case value_kind::properties: return "K=V,...";
    case value_kind::text: return "TEXT";
    case value_kind::choice: return "NAME";
    case value_kind::boolean: return "true|false";
    case value_kind::secret: return "";
  }
  return "";
}

std::string described(const setting& x) {
  if (x.default_text.empty())
    return x.help;
  return x.help + " (default " + x.default_text + ")";
}

} // namespace

void add_setting_flags(CLI::App& verb, flag_values& values, verb_kind kind) {
  verb.add_option_function<std::string>(
          "--config",
          [&values](const std::string& x) { values.config_file = x; },
          "settings file, JSON (default ./tickerflow.json if it exists)")
      ->type_name("FILE")
      ->group("Settings");
  for (auto& x : setting_table()) {
    if (!has_flag(x, kind))
      continue;
    auto store = [&values, key = x.key](const std::string& text) {
      values.by_key[key] = text;
    };
    verb.add_option_function<std::string>(flag_name(x), store, described(x))
        ->type_name(type_name(x.kind))
        ->take_last()
        ->group(x.group);
  }
}

} // namespace tickerflow
