#pragma once

#include "io/settings/declaration.hpp"

namespace CLI {
class App;
}

namespace tickerflow {

/// Gives a verb `--config` and a flag for each setting that it uses, in groups.
/// What the user says goes to `values`, which must live as long as the verb.
void add_setting_flags(CLI::App& verb, flag_values& values, verb_kind kind);

} // namespace tickerflow
