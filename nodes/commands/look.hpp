#pragma once

#include "nodes/commands/api_session.hpp"
#include "nodes/commands/figures.hpp"
#include "nodes/commands/styled.hpp"

#include <functional>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace tickerflow {

/// What the output goes to.
struct paper {
  std::size_t width = 0;  // columns; 0: no terminal, as wide as it gets
  std::size_t height = 0; // lines; 0: no terminal
  bool colours = false;
  bool utc = false; // all times in UTC

  /// Of bars and sessions: New York, unless UTC is asked for.
  zone market_zone() const { return utc ? zone::utc : zone::new_york; }
};

/// Flags of every verb that looks at something through the API.
struct look_options {
  flag_values flags;
  bool as_json = false;
  bool no_color = false;
  bool utc = false;
  int limit = 200;
  std::optional<double> watch_s; // draw again so often
};

/// Which flags a verb has beside --json, --no-color and the settings.
struct look_flags {
  bool watch = true;
  bool limit = false; // of a list
  bool utc = false;
};

void add_look_flags(CLI::App& verb, look_options& to, look_flags which = {});

/// @returns stdout's terminal, if it is one; colours as NO_COLOR
///          (no-color.org), TERM and --no-color allow
paper paper_of(const look_options& options);

using api_question = std::function<api_answer(api_session&)>;
using drawing =
    std::function<styled_text(const ordered_json& answer, const paper&)>;

/// Asks and prints, once or until the user has seen enough.
/// @returns the exit code; what went wrong is told on stderr
int look(const look_options& options, const api_question& ask,
         const drawing& draw);

/// @returns the exit code after telling why on stderr
int tell(const api_failure& x);

/// @returns what is said of something that was done: the answer's `text`
std::string text_of_done(const ordered_json& answer);

/// Does something for each target and says so, whatever becomes of the others.
/// @returns the first failure's exit code
int act(const look_options& options, const std::vector<std::string>& targets,
        std::string (*describe)(const ordered_json&) = text_of_done);

} // namespace tickerflow
