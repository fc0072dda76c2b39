#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace tickerflow {

/// A flag, or a word that a verb takes.
struct flag_shape {
  std::vector<std::string> names; // "--follow", "-f"; of a word: "NODE"
  std::string value;              // what it takes, e.g. "SECONDS"; empty: none
  std::vector<std::string> choices; // values, if there are only some
  std::string help;
  bool optional_value = false; // the value may be missing
  bool is_setting = false;
  bool is_required = false;
};

/// What the command line's parser knows of a verb: shells' completion and the
/// man page are made of it, so they cannot be behind.
struct verb_shape {
  std::string path; // "actors ls"; empty: the program
  std::string name;
  std::string help;
  std::string group; // heading in --help
  std::string footer;
  std::vector<flag_shape> flags;
  std::vector<flag_shape> words;
  std::vector<verb_shape> verbs;
  bool does_something = true; // else it only groups verbs
};

verb_shape shape_of(const CLI::App& program);

/// @returns the verb and all below it, in the order of --help
std::vector<const verb_shape*> all_verbs(const verb_shape& x);

/// @returns every flag with a value of its own, of all verbs, once each
std::vector<std::string> flags_with_value(const verb_shape& program);

/// @returns what the shell may ask for with `completion --words`: "tickers",
///          "nodes", "actors"; empty for other values
std::string live_words_of(const flag_shape& x);

} // namespace tickerflow
