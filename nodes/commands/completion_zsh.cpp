#include "nodes/commands/completion.hpp"

namespace tickerflow {

namespace {

/// In single quotes; colons part a name from its description.
std::string in_quotes(const std::string& text) {
  std::string result = "'";
  for (auto c : text) {
    if (c == '\'')
      result += "'\\''";
    else
      result += c;
  }
  return result + '\'';
}

std::string entry(const std::string& name, const std::string& help) {
  std::string escaped;
  for (auto c : name)
    escaped += c == ':' ? std::string{"\\:"} : std::string{c};
  return ' ' + in_quotes(escaped + ':' + help);
}

std::string words_of(const std::vector<std::string>& words) {
  std::string result;
  for (auto& x : words)
    result += ' ' + in_quotes(x);
  return result;
}

std::string verb_arms(const verb_shape& program) {
  std::string result;
  for (auto verb : all_verbs(program)) {
    result += "    " + in_quotes(verb->path) + ")\n      verbs=(";
    for (auto& below : verb->verbs)
      result += entry(below.name, below.help);
    result += ")\n      flags=(";
    for (auto& flag : verb->flags)
      for (auto& name : flag.names)
        if (name.size() > 2)
          result += entry(name, flag.help);
    result += ") ;;\n";
  }
  return result;
}

std::string value_arm(const std::string& key, const flag_shape& x) {
  auto live = live_words_of(x);
  if (live.empty() && x.choices.empty())
    return {};
  return "    " + in_quotes(key) + ") "
         + (live.empty() ? "values=(" + words_of(x.choices) + " )"
                         : "values=(${(f)\"$(tickerflow completion --words "
                               + live + " 2>/dev/null)\"})")
         + " ;;\n";
}

std::string value_arms(const verb_shape& program) {
  std::string result;
  for (auto verb : all_verbs(program)) {
    for (auto& flag : verb->flags)
      for (auto& name : flag.names)
        result += value_arm(verb->path + ':' + name, flag);
    if (!verb->words.empty())
      result += value_arm(verb->path + ':', verb->words.front());
  }
  return result;
}

constexpr auto head = R"(#compdef tickerflow
# Made by "tickerflow completion zsh"; into a shell with
#   source <(tickerflow completion zsh)
)";

constexpr auto walk = R"sh(
_tickerflow() {
  local path_='' flag='' word='' i=0
  local -a verbs flags values
  for ((i = 2; i < CURRENT; ++i)); do
    word=$words[i]
    flag=''
    if [[ $word == -* ]]; then
      if _tickerflow_takes_value $word; then
        # The value, unless it is the word that is being completed.
        if ((i + 1 < CURRENT)); then ((++i)); else flag=$word; fi
      fi
      continue
    fi
    _tickerflow_shape $path_
    [[ -n ${(M)verbs:#$word:*} ]] && path_="${path_:+$path_ }$word"
  done
  _tickerflow_shape $path_
  local current=$words[CURRENT]
  if [[ -z $flag && $current == --*=* ]]; then
    flag=${current%%=*}
    compset -P '*='
  fi
  if [[ -n $flag ]]; then
    _tickerflow_values "$path_:$flag"
    if (($#values)); then compadd -a values; else _files; fi
  elif [[ $current == -* ]]; then
    _describe -o flag flags
  elif (($#verbs)); then
    _describe verb verbs
  else
    _tickerflow_values "$path_:"
    if (($#values)); then compadd -a values; else _files; fi
  fi
}

# As an autoloaded function it runs at once; sourced it only registers.
if [[ $funcstack[1] == _tickerflow ]]; then
  _tickerflow "$@"
else
  compdef _tickerflow tickerflow
fi
)sh";

} // namespace

std::string zsh_completion(const verb_shape& program) {
  std::string with_value;
  for (auto& x : flags_with_value(program))
    with_value += (with_value.empty() ? "" : "|") + x;
  return head
         + std::string{"\n# Sets verbs and flags of a path.\n"
                       "_tickerflow_shape() {\n  verbs=()\n  flags=()\n"
                       "  case $1 in\n"}
         + verb_arms(program)
         + "  esac\n}\n\n_tickerflow_takes_value() {\n  case $1 in\n    "
         + with_value
         + ") return 0 ;;\n  esac\n  return 1\n}\n\n"
           "_tickerflow_values() {\n  values=()\n  case $1 in\n"
         + value_arms(program) + "  esac\n}\n" + walk;
}

} // namespace tickerflow
