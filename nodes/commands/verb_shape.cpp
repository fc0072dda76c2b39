#include "nodes/commands/verb_shape.hpp"

#include "io/settings/declaration.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <set>

namespace tickerflow {

namespace {

const setting* setting_of(const std::string& flag) {
  for (auto& x : setting_table())
    if (flag_name(x) == flag)
      return &x;
  return nullptr;
}

/// "TEXT:{idle,busy}": CLI11 tells a membership only so.
std::vector<std::string> choices_in(const std::string& type) {
  std::vector<std::string> result;
  auto start = type.find('{');
  auto end = type.find('}', start);
  if (start == std::string::npos || end == std::string::npos)
    return result;
  for (auto at = start + 1; at <= end;) {
    auto comma = std::min(type.find(',', at), end);
    result.push_back(type.substr(at, comma - at));
    at = comma + 1;
  }
  return result;
}

flag_shape shape_of_option(const CLI::Option& x) {
  flag_shape result;
  if (x.get_positional()) {
    result.names.push_back(x.get_name(true));
  } else {
    for (auto& name : x.get_lnames())
      result.names.push_back("--" + name);
    for (auto& name : x.get_snames())
      result.names.push_back('-' + name);
  }
  result.help = x.get_description();
  result.is_required = x.get_required();
  auto type = x.get_type_name();
  if (x.get_items_expected_max() > 0 || x.get_positional()) {
    result.value = type.substr(0, type.find(':'));
    result.choices = choices_in(type);
    result.optional_value = x.get_items_expected_min() == 0;
    if (result.value.empty())
      result.value = "VALUE";
  }
  if (auto declared = setting_of(result.names.front());
      declared != nullptr && x.get_group() == declared->group) {
    result.is_setting = true;
    result.choices = declared->choices;
    if (declared->kind == value_kind::boolean)
      result.choices = {"true", "false"};
  } else if (x.get_group() == "Settings") {
    result.is_setting = true; // --config
  }
  return result;
}

verb_shape shape_of_verb(const CLI::App& x, const std::string& path) {
  verb_shape result;
  result.path = path;
  result.name = x.get_name();
  result.help = x.get_description();
  result.group = x.get_group();
  result.footer = x.get_footer();
  for (auto option : x.get_options()) {
    auto& to = option->get_positional() ? result.words : result.flags;
    to.push_back(shape_of_option(*option));
  }
  for (auto verb : x.get_subcommands([](const CLI::App*) { return true; }))
    result.verbs.push_back(
        shape_of_verb(*verb, path.empty() ? verb->get_name()
                                          : path + ' ' + verb->get_name()));
  // --help alone is none.
  result.does_something = result.verbs.empty() || result.flags.size() > 1;
  return result;
}

void collect(const verb_shape& x, std::vector<const verb_shape*>& to) {
  to.push_back(&x);
  for (auto& verb : x.verbs)
    collect(verb, to);
}

} // namespace

verb_shape shape_of(const CLI::App& program) {
  return shape_of_verb(program, "");
}

std::vector<const verb_shape*> all_verbs(const verb_shape& x) {
  std::vector<const verb_shape*> result;
  collect(x, result);
  return result;
}

std::vector<std::string> flags_with_value(const verb_shape& program) {
  std::set<std::string> result;
  for (auto verb : all_verbs(program))
    for (auto& flag : verb->flags)
      if (!flag.value.empty() && !flag.optional_value)
        result.insert(flag.names.begin(), flag.names.end());
  return {result.begin(), result.end()};
}

std::string live_words_of(const flag_shape& x) {
  auto is = [&](const char* word) {
    return x.names.front() == word || x.value == word;
  };
  if (is("SYMBOL"))
    return "tickers";
  if (is("NODE"))
    return "nodes";
  return is("ACTOR") ? "actors" : "";
}

} // namespace tickerflow
