#pragma once

#include "io/settings/load.hpp"

#include <functional>
#include <string>
#include <vector>

namespace tickerflow {

/// What a value is; decides how it is masked and named in --help.
enum class value_kind : std::uint8_t {
  text,
  integer,
  duration,
  boolean,
  choice,
  list,
  address,
  url,        // a password in it is masked
  dsn,        // of PostgreSQL; a password in it is masked
  properties, // k=v,k=v; values of secret keys are masked
  secret,     // never a flag, never shown
};

/// The verbs of the command line, as bits: a setting names those that use it.
enum class verb_kind : std::uint16_t {
  run = 1,
  demo = 2,
  master = 4,
  worker = 8,
  status = 16,
  simulate = 32,
  config = 64,   // takes every setting
  doctor = 128,  // takes every setting
  migrate = 256, // migrate-legacy
  console = 512, // those that ask the console's API
};

constexpr unsigned operator|(verb_kind x, verb_kind y) {
  return static_cast<unsigned>(x) | static_cast<unsigned>(y);
}
constexpr unsigned operator|(unsigned x, verb_kind y) {
  return x | static_cast<unsigned>(y);
}

/// Why a value cannot be taken: what is allowed instead.
struct refusal {
  std::string allowed;
};

/// Declaration of one setting. Its key is the file's key, `--the-key` the
/// flag, TICKERFLOW_THE_KEY the variable.
struct setting {
  std::string key;
  value_kind kind = value_kind::text;
  std::string default_text;
  std::string group;                // heading in --help and `config show`
  unsigned verbs = 0;               // bits of verb_kind
  std::vector<std::string> aliases; // further names of the variable
  std::string help;
  /// Parses the text into its place in the settings.
  std::function<std::optional<refusal>(settings&, const std::string&)> assign;
  /// Makes the default where it depends on the machine; else empty.
  std::function<std::string(const environment&)> make_default = nullptr;
  std::vector<std::string> choices = {}; // of a choice, for --help and shells
};

/// The one declaration of all settings: a new one is a new entry there, a
/// member in settings.hpp and a line in .env.example.
const std::vector<setting>& setting_table();

/// @returns the declaration or null
const setting* find_setting(const std::string& key);

/// "--kafka-topic-raw"
std::string flag_name(const setting& x);

/// The variables that give it, strongest first: TICKERFLOW_<KEY>, aliases.
std::vector<std::string> variable_names(const setting& x);

/// @returns whether NAME_FILE variables are read too: what can hold a secret,
///          unless a setting of its own names the file
bool takes_file_variable(const setting& x);

/// @returns whether `verb` has a flag for it; a secret has none anywhere
bool has_flag(const setting& x, verb_kind verb);

/// @returns the value as it can be shown: "***" for a secret that is set
std::string masked(const setting& x, const std::string& text);

} // namespace tickerflow
