#pragma once

#include "io/settings/load.hpp"

namespace tickerflow {

/// A value that one source has for a key, not checked yet.
struct candidate {
  std::string text;
  setting_origin origin;
};

/// What one source has to say.
struct source_content {
  std::map<std::string, candidate> by_key;
  std::vector<std::string> faults; // for people, secrets masked
  std::vector<std::string> notes;
  std::string config_file; // of TICKERFLOW_CONFIG
};

source_content read_flags(const flag_values& flags);

/// Takes what is ours from the environment. Other names starting with
/// TICKERFLOW_ are faults, but for TICKERFLOW_TEST_*, which tests use.
source_content read_variables(const environment& variables);

/// As read_variables, from a .env file; none if there is no such file.
source_content read_dotenv(const std::filesystem::path& path);

/// Takes the settings file: one JSON object, keys as in the table, comments
/// allowed. A list can be an array, kafka_properties an object.
source_content read_settings_file(const std::filesystem::path& path);

/// @returns the content, or nothing if it cannot be read
std::optional<std::string> read_text_file(const std::filesystem::path& path);

} // namespace tickerflow
