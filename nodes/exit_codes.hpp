#pragma once

#include <array>
#include <string_view>

namespace tickerflow {

constexpr int exit_ok = 0;
constexpr int exit_failed = 1;
constexpr int exit_usage = 2;
constexpr int exit_no_answer = 3;
constexpr int exit_not_allowed = 4;
constexpr int exit_not_found = 5;

struct exit_code_meaning {
  int code;
  std::string_view text;
};

/// What the program's exit codes mean: --help and the man page print it.
constexpr std::array<exit_code_meaning, 6> exit_code_meanings{{
    {exit_ok, "done"},
    {exit_failed, "failed, or something was found to be wrong"},
    {exit_usage, "the command line or a setting is wrong"},
    {exit_no_answer, "the console gives no answer"},
    {exit_not_allowed, "the console refuses the token, or it may not act"},
    {exit_not_found, "the console knows no such actor, ticker, ..."},
}};

} // namespace tickerflow
