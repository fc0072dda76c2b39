#include "io/settings/sources.hpp"

#include "io/settings/declaration.hpp"
#include "io/settings/dotenv.hpp"
#include "io/settings/dsn.hpp"
#include "io/settings/parse.hpp"
#include "io/settings/secret_key.hpp"
#include "io/settings/suggest.hpp"

#include <fstream>
#include <iterator>
#include <set>

namespace tickerflow {

namespace {

using source = setting_origin::source;

constexpr std::string_view own_prefix = "TICKERFLOW_";
constexpr auto config_variable = "TICKERFLOW_CONFIG";

bool has_prefix(const std::string& text, std::string_view prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

/// Every variable that means something, with the names of secrets' files.
std::set<std::string> known_variables() {
  // The cache is the machine's, not a process': see kafka_server.hpp.
  std::set<std::string> result{config_variable, "TICKERFLOW_CACHE"};
  for (auto& x : setting_table())
    for (auto& name : variable_names(x)) {
      result.insert(name);
      if (takes_file_variable(x))
        result.insert(name + "_FILE");
    }
  return result;
}

/// Reads variables, wherever they stand.
class variable_reader {
public:
  variable_reader(const environment& variables, source from, std::string place)
      : variables_(variables), from_(from), place_(std::move(place)) {}

  source_content read() {
    find_unknown();
    result_.config_file = value(config_variable);
    for (auto& x : setting_table())
      for (auto& name : variable_names(x))
        take(x, name);
    return std::move(result_);
  }

private:
  std::string value(const std::string& name) const {
    auto i = variables_.find(name);
    return i == variables_.end() ? std::string{} : i->second;
  }

  std::string where(const std::string& name) const {
    return to_string(setting_origin{from_, place_ + name});
  }

  void find_unknown() {
    auto known = known_variables();
    // Compared without the prefix that all share, else all would be near.
    std::vector<std::string> tails;
    for (auto& name : known)
      if (has_prefix(name, own_prefix))
        tails.push_back(name.substr(own_prefix.size()));
    for (auto& [name, _] : variables_) {
      if (!has_prefix(name, own_prefix) || has_prefix(name, "TICKERFLOW_TEST_")
          || known.count(name) != 0)
        continue;
      auto near = nearest(name.substr(own_prefix.size()), tails);
      auto hint = near ? "; did you mean \"TICKERFLOW_" + *near + "\"?"
                       : "; `tickerflow config show` lists the settings";
      result_.faults.push_back(where(name) + ": there is no such setting"
                               + hint);
    }
  }

  void take(const setting& x, const std::string& name) {
    auto text = value(name);
    auto used = name;
    if (takes_file_variable(x)) {
      auto file = value(name + "_FILE");
      if (!file.empty() && !text.empty()) {
        result_.faults.push_back(x.key + ": both " + where(name) + " and "
                                 + name + "_FILE are set: leave one");
        return;
      }
      if (!file.empty()) {
        used += "_FILE";
        auto content = read_text_file(file);
        if (!content) {
          result_.faults.push_back(x.key + ": cannot read the file \"" + file
                                   + "\" (" + where(used)
                                   + "): check that it exists and that this "
                                     "user may read it");
          return;
        }
        text = *content;
        text.erase(text.find_last_not_of("\r\n") + 1); // editors add it
        if (text.empty()) {
          result_.faults.push_back(x.key + ": the file \"" + file + "\" ("
                                   + where(used) + ") is empty");
          return;
        }
      }
    }
    if (text.empty())
      return;
    auto [i, added] = result_.by_key.try_emplace(
        x.key, candidate{text, {from_, place_ + used}});
    if (!added && i->second.text != text)
      result_.notes.push_back(where(used)
                              + " is not used: " + i->second.origin.place
                              + " has another value " + "and comes first");
  }

  const environment& variables_;
  source from_;
  std::string place_; // goes before a name
  source_content result_;
};

} // namespace

std::optional<std::string> read_text_file(const std::filesystem::path& path) {
  std::error_code ignored; // a folder opens as a stream, but does not read
  if (!std::filesystem::exists(path, ignored)
      || std::filesystem::is_directory(path, ignored))
    return std::nullopt;
  std::ifstream file{path, std::ios::binary};
  if (!file)
    return std::nullopt;
  return std::string{std::istreambuf_iterator<char>{file}, {}};
}

source_content read_flags(const flag_values& flags) {
  source_content result;
  for (auto& [key, text] : flags.by_key) {
    auto x = find_setting(key);
    if (x == nullptr) {
      result.faults.push_back("flag for \"" + key
                              + "\": there is no such setting");
      continue;
    }
    auto seen = x->kind == value_kind::secret
                || (x->kind == value_kind::dsn && !passwords_in(text).empty());
    if (x->kind == value_kind::properties)
      for (auto& item : split_list(text))
        seen = seen || is_secret_key(item.substr(0, item.find('=')));
    if (seen) {
      auto name = variable_names(*x).front();
      result.faults.push_back(
          "flag " + flag_name(*x)
          + ": a secret in a flag can be seen by every user of this machine "
            "(ps): give it in .env or the environment"
          + (x->kind == value_kind::dsn
                 ? " as POSTGRES_PASSWORD"
                 : " as " + name + " or " + name + "_FILE"));
      continue;
    }
    result.by_key[key] = {text, {source::flag, flag_name(*x)}};
  }
  return result;
}

source_content read_variables(const environment& variables) {
  return variable_reader{variables, source::environment, ""}.read();
}

source_content read_dotenv(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored))
    return {};
  auto text = read_text_file(path);
  if (!text) {
    source_content result;
    result.faults.push_back(path.string()
                            + ": cannot be read: check that this user may");
    return result;
  }
  auto content = parse_dotenv(*text);
  auto known = known_variables();
  environment variables;
  source_content problems;
  for (auto& fault : content.faults)
    problems.faults.push_back(path.string() + ", " + fault);
  for (auto& x : content.entries) {
    // Other programs' variables in the same file are not our business.
    if (known.count(x.name) != 0 && x.has_reference)
      problems.faults.push_back(
          path.string() + ", line " + std::to_string(x.line) + ": " + x.name
          + " has a $ before a name: Compose would put a variable's value "
            "there; put the value in 'single quotes'");
    if (known.count(x.name) != 0 && variables.count(x.name) != 0)
      problems.notes.push_back(path.string() + ", line "
                               + std::to_string(x.line) + ": " + x.name
                               + " is set again; this one counts");
    variables[x.name] = x.value;
  }
  auto result =
      variable_reader{variables, source::dotenv, path.string() + ' '}.read();
  for (auto& x : problems.faults)
    result.faults.push_back(std::move(x));
  for (auto& x : problems.notes)
    result.notes.push_back(std::move(x));
  return result;
}

} // namespace tickerflow
