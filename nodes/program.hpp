#pragma once

namespace CLI {
class App;
}

namespace tickerflow {

/// Gives the program its verbs, footer and version.
/// @param exit_code gets what the verb that is called ends with
/// @pre both live as long as the program is parsed
void describe_program(CLI::App& program, int& exit_code);

} // namespace tickerflow
