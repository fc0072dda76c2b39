#include "io/settings/table_console.hpp"

#include "io/settings/into.hpp"
#include "io/settings/parse.hpp"

namespace tickerflow {

namespace {

constexpr auto serving =
    verb_kind::run | verb_kind::demo | verb_kind::master;

std::optional<refusal> address_or_none(settings&, const std::string& text) {
  if (text.empty() || text == "off" || parse_endpoint(text))
    return std::nullopt;
  return refusal{"host:port with a port from 1 to 65535, or off"};
}

/// Read from `settings::values` by who serves the console.
setting served_text(const std::string& key, const std::string& help) {
  setting result;
  result.key = key;
  result.group = "Console";
  result.verbs = serving;
  result.help = help;
  result.assign = [](settings&, const std::string&) { return std::nullopt; };
  return result;
}

} // namespace

std::vector<setting> console_entries() {
  using k = value_kind;
  using s = settings;
  using console = console_settings;
  const auto group = std::string{"Console"};
  constexpr auto asking = 0U | verb_kind::console;
  return {
      {"console_url",
       k::url,
       "http://127.0.0.1:8081",
       group,
       asking,
       {},
       "where the console of a master is",
       into(&s::console, &console::url, http_url())},
      {"console_ca_file",
       k::text,
       "",
       group,
       asking,
       {},
       "PEM file of a further authority to trust there",
       into(&s::console, &console::ca_file, any_text())},
      {"console_token",
       k::secret,
       "",
       group,
       asking,
       {},
       "the operator's or a viewer's token for the console",
       into(&s::console, &console::token, any_text())},
      {"console_token_file",
       k::text,
       "",
       group,
       asking | serving,
       {},
       "file with the token: of a master the operator's, empty = one is made "
       "in the data folder",
       into(&s::console, &console::token_file, any_text())},
      {"console_listen",
       k::address,
       "127.0.0.1:8081",
       group,
       serving,
       {},
       "serve the console there, host:port or off; 0.0.0.0 = on every address",
       address_or_none},
      served_text("console_viewer_token_file",
                  "file with the token of those who may only look; empty = "
                  "there are none"),
      served_text("console_certificate",
                  "PEM file: the console's certificate and its chain; encrypts "
                  "it"),
      served_text("console_key", "PEM file: its private key"),
      served_text("console_hosts",
                  "further names by which browsers reach it, between commas"),
  };
}

} // namespace tickerflow
