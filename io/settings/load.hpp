#pragma once

#include "io/settings/settings.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>

namespace tickerflow {

/// What the command line said: values by key, `--config` apart.
struct flag_values {
  std::map<std::string, std::string> by_key;
  std::optional<std::string> config_file;
};

/// Environment variables by name; an argument, so that tests can give one.
using environment = std::map<std::string, std::string>;

/// @returns this process' environment
environment process_environment();

/// Where files are looked for.
struct settings_paths {
  std::filesystem::path config = "tickerflow.json"; // read if it exists
  std::filesystem::path dotenv = ".env";            // read if it exists
};

/// Why there are no settings, for people: one line a fault, secrets masked.
struct settings_error {
  std::string text;
};

/// Reads every setting from flags, else the environment, else .env, else the
/// file, else its default, and checks each one and how they go together.
///
/// Errors  all of them at once: unknown names with a suggestion; bad values
///         with key, value (masked), place and what is allowed.
/// An empty variable counts as not set, as Compose passes `${NAME:-}`.
std::variant<settings, settings_error>
load_settings(const flag_values& flags, const environment& variables,
              const settings_paths& paths = {});

} // namespace tickerflow
