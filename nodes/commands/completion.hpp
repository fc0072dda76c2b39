#pragma once

#include "nodes/commands/verb_shape.hpp"

namespace tickerflow {

// Scripts that teach a shell the program's verbs, flags and their values.

std::string bash_completion(const verb_shape& program);
std::string zsh_completion(const verb_shape& program);
std::string fish_completion(const verb_shape& program);

} // namespace tickerflow
