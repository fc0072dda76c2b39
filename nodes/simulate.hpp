#pragma once

namespace CLI {
class App;
}

namespace tickerflow {

/// Adds the sub-command `simulate`: serves recorded and invented bars as Alpha
/// Vantage does, until SIGINT or SIGTERM.
/// @param exit_code 0 after a signal, 1 if it cannot serve, 2 for a bad option
void add_simulate(CLI::App& program, int& exit_code);

} // namespace tickerflow
