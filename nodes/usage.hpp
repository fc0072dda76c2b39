#pragma once

#include <string>

namespace CLI {
class App;
}

namespace tickerflow {

/// @returns the deepest sub-command that the command line named
const CLI::App& named_verb(const CLI::App& program);

/// Says what is wrong with the first word that nothing took: an unknown verb or
/// flag, with a suggestion; why a secret is no flag.
/// @returns an empty text if every word was taken
std::string explain_unknown(const CLI::App& program);

} // namespace tickerflow
