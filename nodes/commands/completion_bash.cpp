#include "nodes/commands/completion.hpp"

namespace tickerflow {

namespace {

std::string joined(const std::vector<std::string>& words,
                   const char* between = " ") {
  std::string result;
  for (auto& x : words)
    result += (result.empty() ? "" : between) + x;
  return result;
}

/// The arms of a `case`: one for each verb's path.
template <class F>
std::string arms(const verb_shape& program, F text_of) {
  std::string result;
  for (auto verb : all_verbs(program))
    if (auto text = text_of(*verb); !text.empty())
      result += "    \"" + verb->path + "\") echo \"" + text + "\" ;;\n";
  return result;
}

std::string verbs_below(const verb_shape& x) {
  std::vector<std::string> result;
  for (auto& verb : x.verbs)
    result.push_back(verb.name);
  return joined(result);
}

std::string flags_of(const verb_shape& x) {
  std::vector<std::string> result;
  for (auto& flag : x.flags)
    for (auto& name : flag.names)
      if (name.size() > 2)
        result.push_back(name);
  return joined(result);
}

/// What a value can be: words, or @tickers for what the console knows.
std::string values_of(const flag_shape& x) {
  auto live = live_words_of(x);
  return live.empty() ? joined(x.choices) : '@' + live;
}

std::string value_arms(const verb_shape& program) {
  std::string result;
  for (auto verb : all_verbs(program)) {
    for (auto& flag : verb->flags)
      if (auto values = values_of(flag); !values.empty())
        for (auto& name : flag.names)
          result += "    \"" + verb->path + ':' + name + "\") echo \"" + values
                    + "\" ;;\n";
    if (!verb->words.empty())
      if (auto values = values_of(verb->words.front()); !values.empty())
        result += "    \"" + verb->path + ":\") echo \"" + values + "\" ;;\n";
  }
  return result;
}

constexpr auto head = R"(# bash completion for tickerflow
# Made by "tickerflow completion bash"; into a shell with
#   source <(tickerflow completion bash)
)";

constexpr auto body = R"sh(
# What a value can be; files if nothing is known.
_tickerflow_offer() {
  local values=$1
  if [[ $values == @* ]]; then
    values=$(tickerflow completion --words "${values#@}" 2>/dev/null)
    COMPREPLY=($(compgen -W "$values" -- "$cur"))
  elif [[ -n $values ]]; then
    COMPREPLY=($(compgen -W "$values" -- "$cur"))
  else
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$cur"))
  fi
}

_tickerflow() {
  local cur=${COMP_WORDS[COMP_CWORD]} path="" word below flag="" i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; ++i)); do
    word=${COMP_WORDS[i]}
    flag=""
    if [[ $word == -* ]]; then
      # bash splits --flag=value at the =.
      [[ ${COMP_WORDS[i+1]} == "=" ]] && { flag=$word; ((++i)); }
      _tickerflow_takes_value "$word" && flag=$word
      # The value, unless it is the word that is being completed.
      [[ -n $flag && $((i + 1)) -lt COMP_CWORD ]] && { ((++i)); flag=""; }
      continue
    fi
    below=" $(_tickerflow_verbs "$path") "
    [[ $below == *" $word "* ]] && path="${path:+$path }$word"
  done
  [[ $cur == "=" ]] && cur=""
  if [[ -n $flag ]]; then
    _tickerflow_offer "$(_tickerflow_values "$path:$flag")"
  elif [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$(_tickerflow_flags "$path")" -- "$cur"))
  else
    below=$(_tickerflow_verbs "$path")
    if [[ -n $below ]]; then
      COMPREPLY=($(compgen -W "$below" -- "$cur"))
    else
      _tickerflow_offer "$(_tickerflow_values "$path:")"
    fi
  fi
}

complete -F _tickerflow tickerflow
)sh";

} // namespace

std::string bash_completion(const verb_shape& program) {
  return head + std::string{"\n_tickerflow_verbs() {\n  case $1 in\n"}
         + arms(program, verbs_below)
         + "  esac\n}\n\n_tickerflow_flags() {\n  case $1 in\n"
         + arms(program, flags_of)
         + "  esac\n}\n\n_tickerflow_takes_value() {\n  case $1 in\n    "
         + joined(flags_with_value(program), "|")
         + ") return 0 ;;\n  esac\n  return 1\n}\n\n"
           "_tickerflow_values() {\n  case $1 in\n"
         + value_arms(program) + "  esac\n}\n" + body;
}

} // namespace tickerflow
