#include "io/settings/settings.hpp"

#include "io/settings/declaration.hpp"
#include "io/settings/dsn.hpp"
#include "io/settings/secret_key.hpp"

#include <algorithm>

namespace tickerflow {

std::string to_string(const endpoint& x) {
  auto host =
      x.host.find(':') == std::string::npos ? x.host : '[' + x.host + ']';
  return host + ':' + std::to_string(x.port);
}

std::string to_string(const setting_origin& x) {
  switch (x.from) {
    case setting_origin::source::built_in:
      return x.place.empty() ? "default" : x.place;
    case setting_origin::source::file: return "file " + x.place;
    case setting_origin::source::dotenv: return x.place; // "path/.env NAME"
    case setting_origin::source::environment: return "environment " + x.place;
    case setting_origin::source::flag: return "flag " + x.place;
  }
  return "???";
}

bool is_default(const settings& x, std::string_view key) {
  for (auto& value : x.values)
    if (value.declared->key == key)
      return value.origin.from == setting_origin::source::built_in;
  return true;
}

std::vector<std::string> secrets_of(const settings& x) {
  std::vector<std::string> result;
  auto add = [&](const std::string& text) {
    // "demo" is Alpha Vantage's public key, and a word of our own log lines.
    if (text.empty() || text == "demo")
      return;
    for (auto& form : {text, url_encoded(text)})
      if (std::find(result.begin(), result.end(), form) == result.end())
        result.push_back(form);
  };
  add(x.api.key);
  add(x.postgres.password);
  add(x.console.token);
  for (auto& password : passwords_in(x.postgres.dsn))
    add(password);
  for (auto& [name, value] : x.kafka.properties)
    if (is_secret_key(name))
      add(value);
  return result;
}

} // namespace tickerflow
