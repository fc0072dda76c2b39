#include "nodes/usage.hpp"

#include "io/settings/declaration.hpp"
#include "io/settings/suggest.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace tickerflow {

namespace {

std::vector<std::string> verb_names(const CLI::App& app) {
  std::vector<std::string> result;
  for (auto x : app.get_subcommands([](const CLI::App*) { return true; }))
    result.push_back(x->get_name());
  return result;
}

std::vector<std::string> flag_names(const CLI::App& app) {
  std::vector<std::string> result;
  for (auto option : app.get_options())
    for (auto& name : option->get_lnames())
      result.push_back("--" + name);
  return result;
}

/// @returns the setting that a flag would give, if there were such a flag
const setting* setting_of(const std::string& flag) {
  auto key = flag.substr(std::min(flag.find_first_not_of('-'), flag.size()));
  std::replace(key.begin(), key.end(), '-', '_');
  for (auto& x : setting_table())
    if (x.key == key)
      return &x;
  return nullptr;
}

std::string path_of(const CLI::App& app) {
  auto parent = app.get_parent();
  return parent == nullptr ? app.get_name()
                           : path_of(*parent) + ' ' + app.get_name();
}

std::string explain_flag(const CLI::App& verb, const std::string& flag) {
  auto text = '"' + path_of(verb) + "\" has no flag " + flag;
  auto x = setting_of(flag);
  if (x == nullptr)
    return text + did_you_mean(flag, flag_names(verb));
  if (x->kind != value_kind::secret)
    return text + ": it does not use this setting";
  auto name =
      x->aliases.empty() ? variable_names(*x).front() : x->aliases.front();
  return text + ": flags can be seen by every user of this machine (ps); set "
         + name + " in .env or the environment, or " + name + "_FILE";
}

} // namespace

const CLI::App& named_verb(const CLI::App& program) {
  auto chosen = program.get_subcommands();
  return chosen.empty() ? program : named_verb(*chosen.back());
}

std::string explain_unknown(const CLI::App& program) {
  auto words = program.remaining(true);
  if (words.empty())
    return {};
  auto& verb = named_verb(program);
  // A flag first: what follows it may be its value.
  auto flag = std::find_if(words.begin(), words.end(), [](auto& x) {
    return x.size() > 1 && x.front() == '-';
  });
  if (flag != words.end())
    return explain_flag(verb, flag->substr(0, flag->find('=')));
  auto verbs = verb_names(verb);
  if (verbs.empty())
    return '"' + path_of(verb) + "\" takes no \"" + words.front() + '"';
  return '"' + path_of(verb) + "\" has no verb \"" + words.front() + '"'
         + did_you_mean(words.front(), verbs);
}

} // namespace tickerflow
