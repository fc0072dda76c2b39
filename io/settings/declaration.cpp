#include "io/settings/declaration.hpp"

#include "io/settings/dsn.hpp"
#include "io/settings/parse.hpp"
#include "io/settings/secret_key.hpp"

#include <algorithm>
#include <cctype>

namespace tickerflow {

const setting* find_setting(const std::string& key) {
  auto& table = setting_table();
  auto i = std::find_if(table.begin(), table.end(),
                        [&](auto& x) { return x.key == key; });
  return i == table.end() ? nullptr : &*i;
}

std::string flag_name(const setting& x) {
  auto result = "--" + x.key;
  std::replace(result.begin(), result.end(), '_', '-');
  return result;
}

std::vector<std::string> variable_names(const setting& x) {
  std::string own = "TICKERFLOW_";
  for (auto c : x.key)
    own += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::vector<std::string> result{own};
  result.insert(result.end(), x.aliases.begin(), x.aliases.end());
  return result;
}

bool takes_file_variable(const setting& x) {
  if (find_setting(x.key + "_file") != nullptr)
    return false;
  return x.kind == value_kind::secret || x.kind == value_kind::dsn
         || x.kind == value_kind::properties;
}

bool has_flag(const setting& x, verb_kind verb) {
  if (x.kind == value_kind::secret)
    return false;
  if (verb == verb_kind::config || verb == verb_kind::doctor)
    return true;
  return (x.verbs & static_cast<unsigned>(verb)) != 0;
}

std::string masked(const setting& x, const std::string& text) {
  switch (x.kind) {
    case value_kind::secret: return text.empty() ? "" : "***";
    case value_kind::url: return mask_dsn(text);
    case value_kind::dsn: return mask_dsn(text);
    case value_kind::properties: {
      auto items = split_list(text);
      for (auto& item : items) {
        auto equals = item.find('=');
        // Without a = it may be a password that got here by mistake.
        if (equals == std::string::npos)
          item = "***";
        else if (is_secret_key(item.substr(0, equals)))
          item = item.substr(0, equals) + "=***";
      }
      return join_list(items);
    }
    default: return text;
  }
}

} // namespace tickerflow
