#pragma once

#include "io/console_client/console_client.hpp"
#include "io/settings/load.hpp"
#include "nodes/commands/fields.hpp"
#include "nodes/exit_codes.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace tickerflow {

/// Why the console's API has no answer, and what the program ends with.
struct api_failure {
  std::string text;
  int exit_code = exit_failed;
};

using api_answer = std::variant<ordered_json, api_failure>;

/// The console's API with a user's settings.
class api_session {
public:
  /// @param x as load_settings gives them
  /// @returns a failure if the file with the token cannot be read
  static std::variant<api_session, api_failure> open(const settings& x);

  /// The same from what the command line said; registers what must be masked.
  static std::variant<api_session, api_failure> open(const flag_values& flags);

  api_answer get(const std::string& target);

  /// Gets a list with as many of its pages as it takes.
  /// @param limit of items
  /// @returns the first page with the items of all; `next` is the last page's
  api_answer get_all(const std::string& target, int limit);

  api_answer post(const std::string& target);

  /// The body as the API gave it.
  console_reply get_raw(const std::string& target);

private:
  explicit api_session(console_access access);

  std::unique_ptr<console_client> client_;
};

} // namespace tickerflow
