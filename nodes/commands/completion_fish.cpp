#include "nodes/commands/completion.hpp"

namespace tickerflow {

namespace {

std::string in_quotes(const std::string& text) {
  std::string result = "'";
  for (auto c : text) {
    if (c == '\'' || c == '\\')
      result += '\\';
    result += c;
  }
  return result + '\'';
}

std::string values_of(const flag_shape& x) {
  auto live = live_words_of(x);
  if (!live.empty())
    return " -a '(tickerflow completion --words " + live + " 2>/dev/null)'";
  std::string words;
  for (auto& choice : x.choices)
    words += (words.empty() ? "" : " ") + choice;
  return words.empty() ? "" : " -a " + in_quotes(words);
}

std::string at(const verb_shape& verb) {
  return "complete -c tickerflow -n \"__tickerflow_at " + in_quotes(verb.path)
         + "\"";
}

std::string flag_line(const verb_shape& verb, const flag_shape& flag) {
  auto result = at(verb);
  for (auto& name : flag.names)
    result += name.rfind("--", 0) == 0 ? " -l " + name.substr(2)
                                       : " -s " + name.substr(1);
  if (!flag.value.empty() && !flag.optional_value) {
    auto values = values_of(flag);
    // -x: no files beside the choices.
    result += values.empty() ? " -r" : " -x" + values;
  }
  return result + " -d " + in_quotes(flag.help) + '\n';
}

constexpr auto head = R"(# fish completion for tickerflow
# Made by "tickerflow completion fish"; into a shell with
#   tickerflow completion fish | source
)";

} // namespace

std::string fish_completion(const verb_shape& program) {
  std::string with_value;
  for (auto& x : flags_with_value(program))
    with_value += ' ' + x;
  auto result = head
                + std::string{"\nfunction __tickerflow_verbs\n"
                              "  switch $argv[1]\n"};
  for (auto verb : all_verbs(program)) {
    if (verb->verbs.empty())
      continue;
    result += "    case " + in_quotes(verb->path) + "\n      printf '%s\\n'";
    for (auto& below : verb->verbs)
      result += ' ' + below.name;
    result += '\n';
  }
  result += "  end\nend\n"
            "\n# Whether the line so far names this verb.\n"
            "function __tickerflow_at\n"
            "  set -l path\n"
            "  set -l is_value 0\n"
            "  for word in (commandline -opc)[2..]\n"
            "    if test $is_value = 1\n"
            "      set is_value 0\n"
            "    else if contains -- $word"
            + with_value
            + "\n      set is_value 1\n"
              "    else if contains -- $word (__tickerflow_verbs \"$path\")\n"
              "      set path (string trim \"$path $word\")\n"
              "    end\n"
              "  end\n"
              "  test \"$path\" = \"$argv[1]\"\n"
              "end\n\n";
  for (auto verb : all_verbs(program)) {
    for (auto& below : verb->verbs)
      result += at(*verb) + " -f -a " + below.name + " -d "
                + in_quotes(below.help) + '\n';
    if (!verb->words.empty())
      if (auto values = values_of(verb->words.front()); !values.empty())
        result += at(*verb) + " -f" + values + '\n';
    for (auto& flag : verb->flags)
      result += flag_line(*verb, flag);
  }
  return result;
}

} // namespace tickerflow
